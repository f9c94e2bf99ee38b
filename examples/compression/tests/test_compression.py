"""The student keeps deshi's contract, and does what its README claims."""

from deshi_compression.students import Compressor, CompressorParams

from deshi.api import Env, Text
from deshi.testing import StudentContract
from deshi.testing.samples import easy


class TestZlib(StudentContract):
    use = "compression/zlib"


def test_the_reason_for_a_prediction_is_the_bytes_that_its_texts_save():
    student = Compressor(CompressorParams(), Env())
    train, valid = easy()
    student.fit(train, valid, None)
    (lines,) = student.explain([Text("t", "d", "昨日から猫が気になって仕方ない")])
    assert len(lines) == 3
    first = student.predict([Text("t", "d", "昨日から猫が気になって仕方ない")])[0].emojis[0]
    assert lines[0].startswith(f"texts with {first} save ")
