"""Generations: their vectors and indexes, which one serves, and how the next one takes its place."""

from db.generations.catalogue import (
    add_artefact,
    add_generation,
    find_candidate,
    get_generation,
    list_generations,
    update_generation,
    with_base_model_of_store,
)
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
from db.generations.encoders import Encoders, artefact_directory
from db.generations.filling import backfill, count_lacking, count_missing
from db.generations.first import ensure_base_generation
from db.generations.generation import Generation, Role
from db.generations.index_questions import typical_questions
from db.generations.leftovers import find_leftovers, remove_leftovers
from db.generations.locks import lock_for_change
from db.generations.pinning import Pins
from db.generations.promotion import catch_up_and_promote, promote_by_hand
from db.generations.ranking import FEATURES, MOST_LENGTH, MOST_WEIGHT, SHIPPED, Ranking
from db.generations.recall import EXACT_UP_TO, build_and_measure_index
from db.generations.removal import prunable, prune, refuse_candidate, remove_candidate
from db.generations.roles import generations_by_role, hold_roles, maintained, serving
from db.generations.swap import promote, require_promotable, roll_back
from db.generations.turned_down import TurnedDown, turned_down_generations
from db.generations.vectors import StoredVectors, delete_vectors, has_index, read_vectors, write_vectors

__all__ = [
    "DecisionRequest",
    "EXACT_UP_TO",
    "FEATURES",
    "Encoders",
    "Generation",
    "MOST_LENGTH",
    "MOST_WEIGHT",
    "Pins",
    "Ranking",
    "Role",
    "SHIPPED",
    "StoredVectors",
    "TurnedDown",
    "Wanted",
    "add_artefact",
    "add_generation",
    "artefact_directory",
    "backfill",
    "build_and_measure_index",
    "catch_up_and_promote",
    "count_lacking",
    "count_missing",
    "decisions_about",
    "delete_vectors",
    "ensure_base_generation",
    "find_candidate",
    "find_leftovers",
    "generations_by_role",
    "get_generation",
    "has_index",
    "hold_roles",
    "list_generations",
    "lock_for_change",
    "maintained",
    "next_open_request",
    "promote",
    "promote_by_hand",
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
    "serving",
    "supersede_undecided",
    "turned_down_generations",
    "typical_questions",
    "undecided_generations",
    "update_generation",
    "with_base_model_of_store",
    "write_vectors",
]
