"""Small corrections by hand: a mark, a target, a pupil, a class, and undoing them."""

from generator.corrections.correction_report import CorrectionReport
from generator.corrections.set_mark import MarkEdit, set_mark
from generator.corrections.set_target import TargetEdit, set_target
from generator.corrections.undo_correction import undo_correction

__all__ = [
    "CorrectionReport",
    "MarkEdit",
    "TargetEdit",
    "set_mark",
    "set_target",
    "undo_correction",
]
