"""Import what a management information system (MIS) exports, and exam results."""
