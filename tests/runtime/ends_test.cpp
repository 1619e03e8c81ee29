#include "runtime/ends.h"

#include <doctest/doctest.h>

#include <memory>

using namespace weir;

TEST_CASE("a format is looked at again where the ends are made") {
  EndSettings settings;
  Places places(std::make_shared<BusSession>("no.bus", ""));
  PathTable paths;
  settings.input_format = settings.output_format = "xml";
  CHECK(make_from({}, settings, places).error().message == "no format 'xml'");
  CHECK(make_to({}, settings, {.places = places, .paths = paths}).error().message ==
        "no format 'xml'");
}
