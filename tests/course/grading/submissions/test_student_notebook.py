"""Files that are no honest notebook: each is a sentence, quickly and in little memory."""

import os
import time
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from notebook_maker import MANIFEST, code, dumped, first_chapter, notebook, save

from exposure_lab.course.grading.submissions import notebook as notebook_module
from exposure_lab.course.grading.submissions.answers import read_answers
from exposure_lab.course.grading.submissions.notebook import read_student_notebook
from exposure_lab.errors import GradingError

BAD = {
    "a PDF": (b"%PDF-1.7\n...", "it is a PDF"),
    "nothing": (b"", "it is empty"),
    "blanks": (b" \n\n ", "it is empty"),
    "a web page": (b"<!DOCTYPE html><html>", "it is a web page"),
    "a zip": (b"PK\x03\x04......", "it is a zip archive"),
    "a picture": (b"\x89PNG\r\n\x1a\n", "it is a picture"),
    "half a file": (dumped(first_chapter())[:-20], "does not parse"),
    "no text": (b"\xff\xfa\x00\x01", "does not parse"),
    "a list": (b"[1, 2]", "JSON without cells"),
    "other JSON": (b'{"name": "ana"}', "JSON without cells"),
    "cells that are none": (b'{"nbformat": 4, "cells": {"a": 1}}', "JSON without cells"),
    "format 3": (b'{"nbformat": 3, "worksheets": [{"cells": []}]}', "it has format 3"),
    "200,000 deep": (b'{"cells": ' + b"[" * 200_000 + b"]" * 200_000 + b"}", "nested too deeply"),
    "deep objects": (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "nested too deeply"),
    "a million lists": (b'{"cells": [' + b"[]," * 1_000_001 + b"[]]}", "too many lists"),
    "closed too often": (b"]" * 1_000_000, "does not parse"),
    "an open text": (b'{"a": "' + rb"\"" * 2_000_000, "does not parse"),
    "a long number": (b'{"cells": ' + b"1" * 1_000_000 + b"}", "does not parse"),
}


@pytest.mark.parametrize("kind", BAD)
def test_what_is_no_notebook_is_named_soon(tmp_path: Path, kind: str) -> None:
    content, expected = BAD[kind]
    path = save(tmp_path / "mine.ipynb", content)
    start = time.process_time()
    with pytest.raises(GradingError, match=expected) as caught:
        read_student_notebook(path)
    assert time.process_time() - start < 10
    assert str(caught.value).startswith("Expected")
    assert "mine.ipynb" in str(caught.value)
    assert len(str(caught.value)) < 400


def test_a_notebook_of_300_mb_is_refused_before_it_is_parsed(tmp_path: Path) -> None:
    path = tmp_path / "mine.ipynb"
    with path.open("wb") as file:
        file.write(b'{"cells": [')
        file.truncate(300_000_000)  # with holes
    tracemalloc.start()
    try:
        with pytest.raises(GradingError, match=r"at most 20 MB, but mine\.ipynb has more"):
            read_student_notebook(path)
        assert tracemalloc.get_traced_memory()[1] < 50_000_000
    finally:
        tracemalloc.stop()


def test_the_cap_can_be_set(tmp_path: Path) -> None:
    path = save(tmp_path / "mine.ipynb", first_chapter())
    size = path.stat().st_size
    assert read_answers(path, MANIFEST, most=size).chapter == "01"
    with pytest.raises(GradingError, match="cleared"):
        read_answers(path, MANIFEST, most=size - 1)


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    save(tmp_path / "secret.ipynb", first_chapter())
    link = tmp_path / "mine.ipynb"
    link.symlink_to(tmp_path / "secret.ipynb")
    with pytest.raises(GradingError, match="put the file itself there"):
        read_student_notebook(link)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_keeps_nobody_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "mine.ipynb")
    with pytest.raises(GradingError, match="no plain file"):
        read_student_notebook(tmp_path / "mine.ipynb")


def test_a_file_that_may_not_be_read_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    path = save(tmp_path / "mine.ipynb", first_chapter())
    monkeypatch.setattr(notebook_module.os, "open", refuse)  # root may read everything
    with pytest.raises(GradingError, match=r"Permission denied: .* change its permissions"):
        read_student_notebook(path)


def test_a_notebook_of_no_chapter_is_named(tmp_path: Path) -> None:
    path = save(tmp_path / "other.ipynb", notebook([code("print(1)")]))
    with pytest.raises(GradingError, match=r"chapters 01, 10\), but other.ipynb has no cell of it"):
        read_answers(path, MANIFEST)


@pytest.mark.parametrize("name", ["Copy of 01_exposure.ipynb", "ana_01_exposure-1.ipynb"])
def test_a_notebook_without_marks_is_known_by_its_name(tmp_path: Path, name: str) -> None:
    path = save(tmp_path / name, notebook([code("predicted = 5")]))
    answers = read_answers(path, MANIFEST)
    assert answers.chapter == "01"
    assert [cell.question for cell in answers.cells] == ["01.predict-stop"]


def seconds_for(path: Path, count: int) -> float:
    """Time to read so many cells of each kind, the shorter of two."""
    marked = [code("x", {"question": "01.render-ev"}, id="answer-01-render-ev")] * count
    others = [code('check("01.predict-stop", x)'), code("y")] * count
    save(path, notebook([*marked, *others]))
    times = []
    for _ in range(2):
        start = time.process_time()
        answers = read_answers(path, MANIFEST)
        times.append(time.process_time() - start)
        assert len(answers.remarks["01.render-ev"]) < 300
    return min(times)


@pytest.mark.slow
def test_many_cells_take_no_time_that_grows_with_their_square(tmp_path: Path) -> None:
    few, many = (seconds_for(tmp_path / "mine.ipynb", count) for count in (1_500, 6_000))
    assert many < 10 * few  # 4 where it grows with their number, 16 with its square


def test_a_written_answer_is_cut_where_a_person_would_stop_reading(tmp_path: Path) -> None:
    path = save(tmp_path / "mine.ipynb", first_chapter(words="word " * 100_000))
    text = read_answers(path, MANIFEST).texts["01.in-your-words"]
    assert len(text) < 60_000 and text.endswith("(cut here)")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["id", "source", "metadata", "exposure_lab", "question", "given", "tags"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@pytest.mark.slow
@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    cells=st.lists(
        st.fixed_dictionaries(
            {"cell_type": st.sampled_from(["code", "markdown"]) | JSON},
            optional={"id": JSON, "source": JSON, "metadata": JSON},
        )
        | JSON,
        max_size=6,
    ),
    metadata=JSON,
)
def test_any_json_is_answers_or_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, cells: list[object], metadata: object
) -> None:
    """Whatever stands in the place of texts and marks, the rest of the batch goes on."""
    content = {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells}
    path = save(tmp_path_factory.getbasetemp() / "any.ipynb", content)
    try:
        answers = read_answers(path, MANIFEST)
    except GradingError as error:
        assert str(error).startswith("Expected")
    else:
        assert all(isinstance(cell.source, str) for cell in answers.cells)
