// The one main of all unit tests. It is compiled once and linked into each test-NAME: doctest's
// implementation takes longer to compile than any test.

#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
// A signal ends a test at once and shows as such; doctest's handlers may hang in a test with
// threads.
#define DOCTEST_CONFIG_NO_POSIX_SIGNALS
#include <doctest/doctest.h>
