"""A school that is not there, with pupils, teachers and a whole year's work."""
