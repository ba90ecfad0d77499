"""Statistics of any figures: intervals, cross tabulation, suppression."""
