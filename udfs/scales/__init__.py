"""Grade scales, subjects, scores and national figures: what marks are judged by."""
