"""Grade scales, subjects, prior attainment and national figures."""
