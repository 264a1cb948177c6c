"""LlamaIndex's `SentenceTransformersFinetuneEngine` with its defaults, unmodified, in an environment of its own."""

from __future__ import annotations

import json
import subprocess
import tempfile
import venv
from importlib.metadata import version
from pathlib import Path

import numpy as np

from benchmarks.quality.peers.development import Answers, group_by_question, split_by_question
from benchmarks.quality.peers.golden_weight import choose_weight
from benchmarks.quality.said import positives
from benchmarks.quality.task import Scores, Task
from db.errors import BadInputError

REQUIREMENTS = (
    "llama-index-finetuning==0.4.2",
    "mistralai<2",  # it imports a name that the next version hasn't, and doesn't say so
    "sentence-transformers[train]",  # its `fit` needs the extra
)
SCRIPT = Path(__file__).with_name("llamaindex_script.py")


def rank(task: Task, *, model: Path, cache: Path, dtype: str = "float32") -> Scores:
    """Cosine of questions and passages by the model that the engine makes of the base, words beside it, `(j, m)`.

    It learns from positives alone, a question's first one, as its `use_all_docs=False` has it. A fifth of the golden
    pairs is kept from it and chooses what words count. It never sees the right answers of those and of held-out
    questions, which aren't handed to its process.

    Args:
        task: what to learn from, and what to rank.
        model: the base model's folder.
        cache: where the environment is kept; made by pip on first use.
        dtype: "float32", or "bfloat16" to encode by autocast; training is the library's own.

    Raises:
        BadInputError: nothing was voted up or curated.
        subprocess.CalledProcessError: pip or the engine failed; they have said why on standard error.
    """
    python = make_environment(cache.resolve())
    with tempfile.TemporaryDirectory(prefix="nightshift-llamaindex-") as name:
        folder = Path(name)
        kept = keep_back(task)
        write_input(task, folder, kept)
        command = [str(python), "-I", str(SCRIPT), str(model.resolve()), "--dtype", dtype, "--seed", str(task.seed)]
        subprocess.run(command, check=True, cwd=folder, stdout=subprocess.DEVNULL)  # noqa: S603 - our own command
        with np.load(folder / "vectors.npz") as vectors:
            cosines: Scores = vectors["questions"] @ vectors["passages"].T
    judging, own = cosines[: len(task.judging)], cosines[len(task.judging) :, ~task.of_regression]
    return task.serve(judging, choose_weight(task, kept, own))


def keep_back(task: Task) -> Answers:
    """The golden pairs that choose what words count, with their right chunks."""
    golden = [(question, chunk) for question, chunks in task.golden for chunk in chunks]
    return split_by_question(golden, seed=task.seed)[1]


def write_input(task: Task, folder: Path, kept: Answers) -> None:
    """Writes `dataset.json`, as `EmbeddingQAFinetuneDataset.from_json` reads it, and `texts.json`, to be encoded.

    Golden pairs in `kept` are left out; their questions come after those that judge.

    Raises:
        BadInputError: nothing was voted up or curated.
    """
    answers = group_by_question(pair for pair in positives(task) if pair[0] not in kept)
    if not answers:
        raise BadInputError("LlamaIndex's engine needs a positive, and nothing was voted up or curated.")
    dataset = {
        "queries": {str(question): task.questions[question] for question in answers},
        "corpus": {str(chunk): task.passages[chunk] for chunks in answers.values() for chunk in chunks},
        "relevant_docs": {str(question): [str(chunk) for chunk in chunks] for question, chunks in answers.items()},
    }
    asked = [task.questions[row] for row in (*task.judging.tolist(), *kept)]
    texts = {"questions": asked, "passages": task.passages}
    (folder / "dataset.json").write_text(json.dumps(dataset), encoding="utf-8")
    (folder / "texts.json").write_text(json.dumps(texts), encoding="utf-8")


def make_environment(cache: Path) -> Path:
    """The Python of the environment in `cache`, which is made unless one with these requirements is whole there.

    torch has the version that is installed here; which build of it, pip's own settings say.

    Raises:
        subprocess.CalledProcessError: pip failed.
    """
    wanted = "\n".join([f"torch=={version('torch').partition('+')[0]}", *REQUIREMENTS])
    folder = cache / "llamaindex"
    python, whole = folder / "bin" / "python", folder / "requirements.txt"
    if not whole.is_file() or whole.read_text(encoding="utf-8") != wanted:
        venv.create(folder, clear=True, with_pip=True)
        command = [str(python), "-I", "-m", "pip", "install", "-qq", *wanted.splitlines()]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - our own command
        whole.write_text(wanted, encoding="utf-8")
    return python
