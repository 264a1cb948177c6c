"""What is said to the bot and asks nothing: thanks, a greeting, an emoji, a call for help.

Conservative: a text is small talk only if each of its words is, so that nobody's question is taken for a courtesy.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

SmallTalk = Literal["help", "greeting", "thanks"]

_SHORTCODE = re.compile(r":[a-z0-9_+'-]+:(?::skin-tone-\d:)?", re.IGNORECASE)
_EMOTICON = re.compile(r"(?<!\w)(?:[:;=8xX][-^o']?[)(DPpO/|\]3]|<3|\^_*\^|[+-]1)(?!\w)")
_MAX_WORDS = 8

_HELP = frozenset("help hilfe aide ayuda ajuda aiuto hjälp hjælp hjelp apua pomoc помощь 帮助 ヘルプ 도움말".split())
_BESIDES_HELP = frozenset("me please pls plz bitte commands usage get need i want /".split())
_GREETINGS = frozenset(
    (
        "hi hey hello hallo hullo hiya howdy yo heya moin servus morning afternoon evening bye goodbye tschüss "
        "bonjour salut coucou guten morgen buenos buenas hola ciao olá oi hej hei "
        "ahoj cześć привет здравствуйте merhaba salam shalom namaste "
        "你好 您好 こんにちは おはよう おはようございます 안녕 안녕하세요 مرحبا"
    ).split()
)
_THANKS = frozenset(
    (
        "thanks thank thankyou thx thnx tnx ty tysm tyvm cheers kudos merci danke dankeschön dankeschoen dank gracias "
        "grazie obrigado obrigada tack tak takk kiitos dzięki dziękuję děkuji díky спасибо bedankt teşekkürler "
        "teşekkür köszönöm mulțumesc ありがとう ありがとうございます ありがとうございました どうも 谢谢 謝謝 多谢 感谢 "
        "감사합니다 고마워요 شكرا תודה ok okay okey k kk alright great perfect perfekt parfait perfecto nice cool "
        "super awesome excellent amazing brilliant fantastic wonderful lovely helpful understood gotcha roger done "
        "solved lgtm yay wow yes yep yeah yup no nope nah sure nvm lol haha sorry 好的 了解 了解です 了解しました"
    ).split()
)
_BESIDES = frozenset(
    (
        "you your very much so a lot all for the that this it it's that's was i'm im we got too and oh ah well just "
        "really again answer answers reply quick there team everyone everybody folks guys bot nightshift mate man my "
        "good big many million help beaucoup vielen vielmals sehr schön schon tausend tag abend muchas "
        "mucho mille tante muito je wel hartelijk så mycket días dias tardes noches très bien d'accord"
    ).split()
)
_PHRASES = frozenset(
    (
        "got it|all good|good|never mind|no problem|no worries|good to know|makes sense|will do|good night|good day|"
        "good job|well done|that works|it works|works|fine|all clear|alles klar|d'accord|c'est bon|très bien|geht klar"
    ).split("|")
)
_ASKING = frozenset(
    "who what when where why which how whose can could may does do did is are was should will would any anyone".split()
)


def small_talk(text: str) -> SmallTalk | None:
    """What kind of small talk a plain text is; None where it may be a question, or has neither words nor emoji."""
    rest = _EMOTICON.sub(" ", _SHORTCODE.sub(" ", text))
    rest = "".join(
        " " if unicodedata.category(letter) in ("So", "Sk", "Cf", "Mn", "Me", "Co") else letter for letter in rest
    )
    words = re.findall(r"[^\W_][\w']*", rest.replace("’", "'").casefold())
    asks = re.search("[?？؟]", rest) is not None
    if not words:
        has_emoji = rest.strip() != text.strip() and not asks
        return "thanks" if has_emoji else "help" if re.fullmatch(r"\s*[?？؟]+\s*", text) else None
    known = [_known(word) for word in words[: _MAX_WORDS + 1]]
    if "help" in known and all(word in _HELP | _BESIDES_HELP for word in words):
        return "help"
    if asks or len(words) > _MAX_WORDS or words[0] in _ASKING:
        return None
    if " ".join(words) in _PHRASES:
        return "thanks"
    if not all(kind in ("greeting", "thanks") or word in _BESIDES for kind, word in zip(known, words, strict=True)):
        return None
    return next((kind for kind in known if kind in ("greeting", "thanks")), None)


def _known(word: str) -> SmallTalk | None:
    """The kind of one word, long drawn out as it may be: thaaanks, hiii."""
    forms = {word, *(re.sub(r"(.)\1{2,}", short, word) for short in (r"\1", r"\1\1"))}
    kinds: dict[SmallTalk, frozenset[str]] = {"help": _HELP, "thanks": _THANKS, "greeting": _GREETINGS}
    return next((kind for kind, listed in kinds.items() if forms & listed), None)
