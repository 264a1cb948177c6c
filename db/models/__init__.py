"""Encoders: model files found and checked by hash, loaded, and what their cosines mean."""

from db.models.downloads import name_at_commit
from db.models.encoded_question import EncodedQuestion, encode_questions
from db.models.encoder import (
    WINDOW,
    Encoder,
    SentenceEncoder,
    TrainableEncoder,
    choose_dtype,
    load_encoder,
    passage_text,
    prompt_of,
)
from db.models.files import (
    check_model_files,
    check_model_hash,
    find_base_model,
    hash_model,
    model_files,
    save_model,
    sync_folder,
)
from db.models.kept_encoder import KeptEncoder
from db.models.scale import USUAL_SCALE, Scale, measure_encoder, measure_scale
from db.models.token_budget import TokenBudget, token_budget
from db.models.vectors import ChosenRows, VectorRows, Vectors, in_parts

__all__ = [
    "ChosenRows",
    "EncodedQuestion",
    "Encoder",
    "KeptEncoder",
    "Scale",
    "SentenceEncoder",
    "TokenBudget",
    "TrainableEncoder",
    "USUAL_SCALE",
    "VectorRows",
    "Vectors",
    "WINDOW",
    "check_model_files",
    "check_model_hash",
    "choose_dtype",
    "encode_questions",
    "find_base_model",
    "hash_model",
    "in_parts",
    "load_encoder",
    "measure_encoder",
    "measure_scale",
    "model_files",
    "name_at_commit",
    "passage_text",
    "prompt_of",
    "save_model",
    "sync_folder",
    "token_budget",
]
