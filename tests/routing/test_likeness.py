"""What two texts have in common: the roads that they name, and nothing that only one of them holds. Pure."""

from __future__ import annotations

from cases import likeness


def test_roads_are_found_and_what_only_sounds_like_one_is_not() -> None:
    assert likeness.roads("人民东路与滏西大街口，过马路的那条路") == ("民东路", "滏西大街")
    assert likeness.roads("锦绣花园小区门口") == ("锦绣花园", "花园小区")
    assert likeness.roads("") == likeness.roads("no road 123") == ()


def test_a_road_is_written_as_both_have_it_and_never_with_a_character_of_one_alone() -> None:
    assert likeness.road_of("民东路", "人民东路3号", "在人民东路") == "人民东路"
    assert likeness.road_of("陵西大街", "尚璧镇陵西大街", "陵西大街口") == "陵西大街"
    assert likeness.road_of("陵西大街", "与陵西大街", "与陵西大街") == "陵西大街"


def test_like_words_share_more_than_unlike_ones() -> None:
    lamp = likeness.pairs("陵西大街的路灯三天不亮，晚上看不清。")
    again = likeness.shared(lamp, likeness.pairs("陵西大街路灯好几天不亮了，晚上看不清路"))
    other = likeness.shared(lamp, likeness.pairs("暖气不热，物业不管"))
    assert again > 0.4
    assert other < 0.1
    assert likeness.shared(lamp, frozenset()) == 0
