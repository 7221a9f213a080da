"""What the templates of quizzes are rendered with."""

from datetime import UTC, datetime, timedelta
from typing import Any

from bot.replies import MemberName

_AT = datetime(2026, 3, 16, 7, 0, tzinfo=UTC)
_QUESTION = {"en": "Where does coffee come from?", "pl": "Skąd pochodzi kawa?"}
_ANSWER = {"en": "Ethiopia", "pl": "Z Etiopii"}
QUIZ_TERMS: dict[str, Any] = {
    "title": {"en": "Quiz", "pl": "Quiz"}, "counted": "right_answers", "counts": "right_answers", "goal": 3,
    "goal_money": None, "points": 30, "status": 5, "best": 0, "joins": False, "together": False, "questions": 5,
    "is_daily": False,
}  # fmt: skip
_RESULT = {"question": _QUESTION, "right": _ANSWER, "answered": 5, "were_right": 2}
_FOLLOWING = {"question": _QUESTION, "number": 2, "until": _AT}
_ASKED: dict[str, Any] = {"question": _QUESTION, "number": 1}
_MADE = {
    "question_en": "Where from?", "question_pl": "Skąd?", "answers": ["Ethiopia", "Italy", "Poland"],
    "days": 7, "points": 30,
}  # fmt: skip
QUIZ_CASES: dict[str, list[dict[str, Any]]] = {
    "question_over": [{}],
    "quiz_answers": [{}],
    "quiz_in_private": [{}],
    "quiz_confirm": [{"answers": _MADE, "space": space} for space in ("Book club", None)],
    "quiz_text": [{"step": "question_en"}, {"step": "question_pl"}],
    "quiz_closed": [
        {"terms": QUIZ_TERMS | {"best": best}, "results": results, "reached": reached, "names": names}
        for best in (0, 3)
        for results, reached, names in (
            ([_RESULT, _RESULT | {"answered": 0, "were_right": 0}], 0, []),
            ([_RESULT], 2, [MemberName("Ania")]),
            ([_RESULT], 2, [MemberName("Ania"), MemberName("Bartek")]),
            ([_RESULT], 2, []),
        )
    ]
    + [{"terms": QUIZ_TERMS | {"best": 0, "ended_early": True}, "results": [_RESULT], "reached": 0, "names": []}],
    "quiz_ends": [
        {"terms": QUIZ_TERMS, "closes_at": _AT, "question": question, "answered": answered}
        for question in (QUIZ_TERMS["title"], _ANSWER)
        for answered in (0, 1, 5)
    ],
    "quiz_question": [
        {"terms": QUIZ_TERMS | terms, "closes_at": _AT, "until": until, "before": before} | _ASKED
        for terms, until, before in (
            ({}, _AT, None),
            ({"is_daily": True, "best": 3}, _AT - timedelta(days=1), _RESULT),
            ({"questions": 1, "best": 1}, _AT, _RESULT | {"answered": 0, "were_right": 0}),
        )
    ],
    "quiz_taken": [
        {"answer": answer, "is_new": is_new, "told_at": _AT, "title": _ANSWER, "questions": 5, "following": following}
        for answer, is_new, following in (
            *((_ANSWER, True, None), (_ANSWER, False, _FOLLOWING), (_ANSWER, True, _FOLLOWING)),
            (None, False, _FOLLOWING),
            (None, False, _FOLLOWING | {"question": _ANSWER}),
        )
    ]
    + [
        {"answer": _ANSWER, "is_new": True, "told_at": _AT, "title": _ANSWER, "questions": 5, "following": None}
        | {"is_last": True}
    ],
}
