"""Small corrections by hand: a mark, a target, a pupil, a class, and undoing them."""

from generator.corrections.correction_report import CorrectionReport
from generator.corrections.edit_class import (
    assign_class,
    end_class,
    merge_classes,
    rename_class,
)
from generator.corrections.edit_pupil import (
    NewPupil,
    add_pupil,
    end_pupil,
    move_pupil,
    remove_pupil,
    return_pupil,
)
from generator.corrections.reopen_collection import reopen_collection
from generator.corrections.set_mark import MarkEdit, set_mark
from generator.corrections.set_target import TargetEdit, set_target
from generator.corrections.undo_correction import end_covers, undo_correction
from generator.corrections.undo_import import undo_import

__all__ = [
    "CorrectionReport",
    "MarkEdit",
    "NewPupil",
    "TargetEdit",
    "add_pupil",
    "assign_class",
    "end_class",
    "end_covers",
    "end_pupil",
    "merge_classes",
    "move_pupil",
    "remove_pupil",
    "rename_class",
    "reopen_collection",
    "return_pupil",
    "set_mark",
    "set_target",
    "undo_correction",
    "undo_import",
]
