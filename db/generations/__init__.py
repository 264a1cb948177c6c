"""Generations: their vectors and indexes, which one serves, and how the next one takes its place."""

from db.generations.artefacts import artefact_directory, fetch_model, is_shared, share_model, share_models
from db.generations.catalogue import (
    add_artefact,
    add_generation,
    add_ranking,
    find_candidate,
    get_generation,
    list_generations,
    update_generation,
    with_base_model_of_store,
)
from db.generations.copying import StoredVectors
from db.generations.decisions import (
    DecisionRequest,
    Wanted,
    decisions_about,
    next_open_request,
    reject_generation,
    request_decision,
    supersede_undecided,
    undecided_generations,
)
from db.generations.encoders import Encoders
from db.generations.filling import backfill, count_lacking, count_missing
from db.generations.first import ensure_base_generation
from db.generations.generation import Generation, Role
from db.generations.index_questions import typical_questions
from db.generations.leftovers import drop_orphan_tables, find_leftovers, find_orphan_tables, remove_leftovers
from db.generations.locks import lock_for_change
from db.generations.pinning import Pins
from db.generations.promotion import catch_up_and_promote, promote_by_hand
from db.generations.ranking import FEATURES, MOST_LENGTH, MOST_WEIGHT, SHIPPED, Ranking, is_alike, is_same_weight
from db.generations.recall import EXACT_UP_TO, build_and_measure_index
from db.generations.removal import prunable, prune, refuse_candidate, remove_candidate
from db.generations.roles import answering, generations_by_role, hold_roles, maintained, serving
from db.generations.soundness import sample_recall, unsound_indexes
from db.generations.swap import promote, require_promotable, roll_back
from db.generations.trials import Terms, Trial, TrialStatus, get_trial, list_trials, note_look, open_trial, settle_late
from db.generations.tries import KeptTry, tries_since_promotion
from db.generations.trying import begin_trial, end_trial, propose_trial
from db.generations.turned_down import TurnedDown, turned_down_generations
from db.generations.vectors import delete_vectors, read_vectors, write_vectors

__all__ = [
    "DecisionRequest",
    "EXACT_UP_TO",
    "Encoders",
    "FEATURES",
    "Generation",
    "KeptTry",
    "MOST_LENGTH",
    "MOST_WEIGHT",
    "Pins",
    "Ranking",
    "Role",
    "SHIPPED",
    "StoredVectors",
    "Terms",
    "Trial",
    "TrialStatus",
    "TurnedDown",
    "Wanted",
    "add_artefact",
    "add_generation",
    "add_ranking",
    "answering",
    "artefact_directory",
    "backfill",
    "begin_trial",
    "build_and_measure_index",
    "catch_up_and_promote",
    "count_lacking",
    "count_missing",
    "decisions_about",
    "delete_vectors",
    "drop_orphan_tables",
    "end_trial",
    "ensure_base_generation",
    "fetch_model",
    "find_candidate",
    "find_leftovers",
    "find_orphan_tables",
    "generations_by_role",
    "get_generation",
    "get_trial",
    "hold_roles",
    "is_alike",
    "is_same_weight",
    "is_shared",
    "list_generations",
    "list_trials",
    "lock_for_change",
    "maintained",
    "next_open_request",
    "note_look",
    "open_trial",
    "promote",
    "promote_by_hand",
    "propose_trial",
    "prunable",
    "prune",
    "read_vectors",
    "refuse_candidate",
    "reject_generation",
    "remove_candidate",
    "remove_leftovers",
    "request_decision",
    "require_promotable",
    "roll_back",
    "sample_recall",
    "serving",
    "settle_late",
    "share_model",
    "share_models",
    "supersede_undecided",
    "tries_since_promotion",
    "turned_down_generations",
    "typical_questions",
    "undecided_generations",
    "unsound_indexes",
    "update_generation",
    "with_base_model_of_store",
    "write_vectors",
]
