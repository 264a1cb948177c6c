"""Will a question find what there is? Indexes, their recall, and the vectors and words of every passage."""

from __future__ import annotations

from nightshift.doctor.finding import Check, Finding, Subject

SAMPLE = 50
"""Questions by which the recall is measured, and passages whose words are looked for."""

REPAIR = "Run `nightshift db repair`."


def look_at_indexes(subject: Subject) -> Finding:
    """Those of all generations that serve, or may again."""
    from db.generations import maintained, unsound_indexes

    broken = [name for own in maintained(subject.engine) for name in unsound_indexes(subject.engine, own)]
    if broken:
        return Finding(
            "fault", f"These indexes are gone or not valid: {', '.join(broken)}.", REPAIR, {"broken": list(broken)}
        )
    return Finding("ok", "All indexes over vectors stand.")


def look_at_recall(subject: Subject) -> Finding:
    """By the latest questions, or what questions are like; a corpus of which each vector is read needs none."""
    from db.corpus import count_chunks
    from db.generations import EXACT_UP_TO, Encoders, sample_recall, serving, typical_questions

    if count_chunks(subject.engine) <= EXACT_UP_TO:
        return Finding("ok", f"Up to {EXACT_UP_TO:,} passages each vector is read: nothing is missed.")
    generation = serving(subject.engine)
    encoder = Encoders(subject.settings, subject.engine).get(generation)
    questions = typical_questions(subject.engine, generation, encoder, SAMPLE)
    recall = sample_recall(subject.engine, generation, questions)
    floor = subject.settings.index_recall_floor
    figures = {"recall@10": round(recall, 4), "floor": floor, "questions": len(questions)}
    if recall < floor:
        return Finding(
            "warning",
            f"The index finds {recall:.1%} of the nearest passages, and {floor:.0%} are asked for.",
            f"REINDEX INDEX CONCURRENTLY {generation.table}_hnsw, in a quiet hour; the next night's generation is "
            "measured anew.",
            dict(figures),
        )
    return Finding("ok", f"The index finds {recall:.1%} of the nearest passages.", figures=dict(figures))


def look_at_vectors(subject: Subject) -> Finding:
    """Whether each generation in service has one of every passage."""
    from db.generations import count_lacking, maintained

    lacking = {own.id: count_lacking(subject.engine, own) for own in maintained(subject.engine)}
    behind = {number: n for number, n in lacking.items() if n}
    figures = {f"lacking_in_{number}": n for number, n in lacking.items()}
    if behind:
        said = ", ".join(f"{n:,} of generation {number}" for number, n in behind.items())
        return Finding("fault", f"Passages without a vector, which meaning can't find: {said}.", REPAIR, dict(figures))
    return Finding("ok", "Every passage has its vectors.", figures=dict(figures))


def look_at_words(subject: Subject) -> Finding:
    """Whether the words of every passage are there, by the sums that are kept, and by looking some up."""
    from db.words import count_wordless, why_stale

    why = why_stale(subject.engine, subject.settings.language_names)
    if why is not None:
        return Finding("fault", f"The words have to be made anew: {why}.", REPAIR)
    wordless, looked_at = count_wordless(subject.engine, SAMPLE)
    figures = {"wordless": wordless, "looked_at": looked_at}
    if wordless:
        return Finding(
            "fault",
            f"Of {looked_at} passages {wordless} aren't found by all of their words.",
            REPAIR,
            dict(figures),
        )
    return Finding("ok", "Every passage has its words.", figures=dict(figures))


CHECKS = (
    Check("index", look_at_indexes, REPAIR),
    Check("recall", look_at_recall, REPAIR),
    Check("vectors", look_at_vectors, REPAIR),
    Check("words", look_at_words, REPAIR),
)
