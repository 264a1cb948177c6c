"""From votes and pairs to training rows, and what is kept back to judge by."""

from retrain.lesson.encoding import encode_anchors
from retrain.lesson.labels import Anchor, Judgement, Label, LabelRules, on_sources
from retrain.lesson.lesson import Lesson, prepare_lesson
from retrain.lesson.mine import MiningRules, mine_negatives
from retrain.lesson.negatives import Corpus
from retrain.lesson.reliability import reliability_of
from retrain.lesson.snapshot import AnchorText, Snapshot, make_snapshot, with_synthetic
from retrain.lesson.snapshot_bytes import pack_snapshot, unpack_snapshot
from retrain.lesson.split import SplitRules, cluster_questions, normalise_question
from retrain.lesson.texts import Texts, rows_with_texts, texts_of
from retrain.lesson.triplets import TrainingRow, Triplet
from retrain.lesson.writing import may_write, write_questions

__all__ = [
    "Anchor",
    "AnchorText",
    "Corpus",
    "Judgement",
    "Label",
    "LabelRules",
    "Lesson",
    "MiningRules",
    "Snapshot",
    "SplitRules",
    "Texts",
    "TrainingRow",
    "Triplet",
    "cluster_questions",
    "encode_anchors",
    "make_snapshot",
    "may_write",
    "mine_negatives",
    "normalise_question",
    "on_sources",
    "pack_snapshot",
    "prepare_lesson",
    "reliability_of",
    "rows_with_texts",
    "texts_of",
    "unpack_snapshot",
    "with_synthetic",
    "write_questions",
]
