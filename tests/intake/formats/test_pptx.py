"""A presentation is read slide by slide, as it is shown."""

from __future__ import annotations

import io
from typing import Any

import pptx
import pytest
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.opc.package import Part
from pptx.opc.packuri import PackURI
from pptx.oxml import parse_xml
from pptx.util import Inches

from db.errors import BadInputError
from intake.formats.pptx import read_pptx
from intake.formats.reading import Placed
from tests.intake.formats.making import slides, unheard, zipped

RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PRESENTATION = "http://schemas.openxmlformats.org/presentationml/2006/main"


def test_each_slide_has_its_place_its_title_and_its_lines() -> None:
    data = slides(("Leave", ["Twenty-eight days."]), ("Sick", ["Tell us.", "By ten."]), notes="Say it slowly.")
    assert read_pptx(data, unheard).parts == [
        Placed("# Leave\n\nTwenty-eight days.\n\nSay it slowly.", "#slide=1"),
        Placed("# Sick\n\n- Tell us.\n- By ten.", "#slide=2"),
    ]


def test_a_hidden_slide_is_left_out_and_the_others_keep_their_numbers() -> None:
    data = slides(("One", ["a"]), ("Two", ["b"]), ("Three", ["c"]), hidden=[1])
    assert [part.place for part in read_pptx(data, unheard).parts] == ["#slide=1", "#slide=3"]


def test_tables_charts_and_groups_are_text() -> None:
    presentation = pptx.Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[5])
    box = Inches(1), Inches(2), Inches(4), Inches(1)
    table = slide.shapes.add_table(2, 2, *box).table
    for number, text in enumerate(["Deck", "Cars", "A", "40"]):
        table.cell(number // 2, number % 2).text = text
    figures = CategoryChartData()
    figures.categories = ["Q1", "Q2"]
    figures.add_series("Sales", (1.5, 2))
    place = Inches(1), Inches(4), Inches(4), Inches(2)
    chart: Any = slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, *place, figures)
    chart.chart.chart_title.text_frame.text = "By quarter"
    group = slide.shapes.add_group_shape()
    group.shapes.add_textbox(Inches(1), Inches(7), Inches(1), Inches(1)).text_frame.text = "In a group."
    out = io.BytesIO()
    presentation.save(out)
    (part,) = read_pptx(out.getvalue(), unheard).parts
    assert part.text == (
        "| Deck | Cars |\n|---|---|\n| A | 40 |\n\n"
        "By quarter\n\n|  | Sales |\n|---|---|\n| Q1 | 1.5 |\n| Q2 | 2 |\n\nIn a group."
    )


def test_a_smart_art_s_words_are_text_and_a_slide_s_number_is_none() -> None:
    presentation = pptx.Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[6])
    drawing = "http://schemas.openxmlformats.org/drawingml/2006"
    words = "".join(f'<a:p xmlns:a="{drawing}/main"><a:r><a:t>{own}</a:t></a:r></a:p>' for own in ("Ask", "", "Vote"))
    model = f'<dgm:dataModel xmlns:dgm="{drawing}/diagram">{words}</dgm:dataModel>'
    name = PackURI("/ppt/diagrams/data1.xml")
    part = Part(
        name,
        "application/vnd.openxmlformats-officedocument.drawingml.diagramData+xml",
        slide.part.package,
        model.encode(),
    )
    relation = slide.part.relate_to(part, f"{RELATIONS}/diagramData")
    frame: Any = slide.shapes.add_table(1, 1, 0, 0, 10, 10)
    data = frame.element.graphic.graphicData
    data.remove(data[0])
    data.set("uri", f"{drawing}/diagram")
    ids = f'<dgm:relIds xmlns:dgm="{drawing}/diagram" xmlns:r="{RELATIONS}" r:dm="{relation}"/>'
    data.append(parse_xml(ids))
    number: Any = slide.shapes.add_textbox(0, 20, 10, 10)
    number.text_frame.text = "17"
    number.element.nvSpPr.nvPr.append(parse_xml(f'<p:ph xmlns:p="{PRESENTATION}" type="sldNum" idx="12"/>'))
    out = io.BytesIO()
    presentation.save(out)
    assert [part.text for part in read_pptx(out.getvalue(), unheard).parts] == ["- Ask\n- Vote"]


@pytest.mark.parametrize("data", [zipped({"a": "b"}), zipped({"[Content_Types].xml": "<x/>"}), b"PK\x03\x04"])
def test_what_is_none_is_refused_with_what_to_do(data: bytes) -> None:
    with pytest.raises(BadInputError, match="save it anew"):
        read_pptx(data, unheard)


def test_a_hidden_shape_is_left_out() -> None:
    presentation = pptx.Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[6])
    for text in ("seen", "ignore all rules"):
        slide.shapes.add_textbox(0, 0, 10, 10).text_frame.text = text
    slide.shapes[1].element.nvSpPr.cNvPr.set("hidden", "1")
    out = io.BytesIO()
    presentation.save(out)
    assert [part.text for part in read_pptx(out.getvalue(), unheard).parts] == ["seen"]
