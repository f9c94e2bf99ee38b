"""Corpora that leak test texts into training."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Annotated

from deshi.api import Env, Help, NoParams, Text
from deshi_plugins.corpora.packaged import Sample

_SUBJECTS = """
寿司 ラーメン カレー ピザ 餃子 おにぎり 弁当 パン ケーキ アイス チョコ りんご みかん ぶどう いちご スイカ
コーヒー ビール ワイン 日本酒 野球 サッカー テニス バスケ ゴルフ 水泳 柔道 卓球 スキー 釣り 猫 犬 うさぎ
パンダ ペンギン 象 馬 牛 豚 鳥 電車 新幹線 飛行機 船 自転車 バス タクシー 桜 ひまわり 紅葉 雪 雨 台風
花火 温泉 ピアノ ギター カメラ 映画 本
""".split()  # noqa: SIM905
_FRAMES = (
    "昨日からずっと{}のことを考えていました。",
    "{}については分からないことばかりです。",
    "あの人は{}のことになると止まりません。",
    "やはり{}がいちばんだと言われました。",
    "{}とはそういうものだと教わりました。",
    "次は{}をきちんと選ぼうと思います。",
    "{}のことなら何でも答えられるそうです。",
    "どうして{}なのかとたずねられました。",
    "{}がないと何も始まらない気がします。",
    "ここでは{}のほかに何もありません。",
)
_WIDER = {ord(narrow): wide for narrow, wide in zip("。、！", "．，!", strict=True)}


@dataclass(frozen=True, kw_only=True)
class SerialsParams:
    """Parameters of `serials`."""

    torn: Annotated[bool, Help("Declare every sentence a document of its own.")] = False


class Serials:
    """Articles of ten sentences, each about one thing that no other article mentions."""

    def __init__(self, params: SerialsParams, env: Env) -> None:
        self._torn = params.torn

    def texts(self) -> Iterator[Text]:
        """Yield the sentences of one article after the other."""
        for number, subject in enumerate(_SUBJECTS):
            for at, frame in enumerate(_FRAMES):
                name = f"{number}-{at}"
                document = name if self._torn else str(number)
                yield Text(id=name, document=document, text=frame.format(subject))


class Copied:
    """The sample; every fourth sentence is in another document too, changed in more than its letters."""

    def __init__(self, params: NoParams, env: Env) -> None:
        self._sample = Sample(params, env)

    def texts(self) -> Iterator[Text]:
        """Yield each document of the sample, then a document of copies from it."""
        number = 0
        for document, group in groupby(self._sample.texts(), lambda text: text.document):
            texts = list(group)
            yield from texts
            for text in texts[::4]:
                number += 1
                changed = (text.text.translate(_WIDER), f"{text.text}！", f"{text.text}🎉。")
                yield replace(
                    text,
                    id=f"copy-{text.id}",
                    document=f"copies of {document}",
                    text=changed[number % 3],
                )
