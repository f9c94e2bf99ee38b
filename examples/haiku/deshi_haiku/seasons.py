"""Season words and the emoji of their season."""

from __future__ import annotations

SEASONS = {
    "春": ("🌸", (
        "桜咲く", "春の風", "うぐいすや", "つくし野に", "花いかだ", "おぼろ月", "菜の花や", "蝶ひとつ",
    )),
    "夏": ("🌻", ("夏草や", "蝉しぐれ", "風鈴や", "夕立や", "金魚玉", "花火見て", "雲の峰", "麦茶飲む")),
    "秋": ("🍁", (
        "名月や", "柿くえば", "紅葉散る", "虫の声", "秋深し", "すすき原", "栗ごはん", "霧の朝",
    )),
    "冬": ("⛄", ("初雪や", "木枯らしや", "こたつから", "雪だるま", "寒椿", "霜柱", "息白し", "冬銀河")),
}  # fmt: skip
MIDDLES = (
    "だれも知らない", "子どもが走る", "古い手紙の", "猫がふりむく", "ひとりで歩く", "窓をあければ",
    "母の背中の", "駅に灯がつく", "遠くで笑う", "約束ひとつ",
)  # fmt: skip
ENDS = ("帰り道", "午後三時", "川のそば", "小さな庭", "電車待つ", "旅の空")


def season_of(text: str) -> str | None:
    """Return the season of the first season word in a text, None if there is none."""
    matches = [
        (text.index(word), season)
        for season, (_, words) in SEASONS.items()
        for word in words
        if word in text
    ]
    return min(matches)[1] if matches else None
