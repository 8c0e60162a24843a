# The one place that says how this project's code is compiled.

# fairlead_target(NAME): language level, include root and, when this is the top-level project, warnings as errors.
function(fairlead_target name)
  target_compile_features(${name} PUBLIC cxx_std_20)
  target_include_directories(${name} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>
                                            $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/fairlead>)
  if(PROJECT_IS_TOP_LEVEL)
    target_compile_options(${name} PRIVATE -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror)
    # g++ 12 sees overlapping copies in any optimised `"text" + std::string` (GCC bug 105651).
    target_compile_options(
      ${name} PRIVATE $<$<AND:$<CXX_COMPILER_ID:GNU>,$<NOT:$<CONFIG:Debug>>>:-Wno-restrict>)
  endif()
endfunction()

# fairlead_library(NAME ALIAS): a static library `fairlead::ALIAS`.
function(fairlead_library name alias)
  # An empty source, so that a room without a .cpp of its own can be configured.
  file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/${name}_empty.cpp CONTENT "")
  add_library(${name} STATIC ${CMAKE_CURRENT_BINARY_DIR}/${name}_empty.cpp)
  add_library(fairlead::${alias} ALIAS ${name})
  set_target_properties(${name} PROPERTIES EXPORT_NAME ${alias})
  fairlead_target(${name})
endfunction()

# fairlead_test(NAME SOURCES... [LIBRARIES ...]): a doctest program, registered with ctest.
function(fairlead_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBRARIES" ${ARGN})
  add_executable(${name} ${ARG_SOURCES} $<TARGET_OBJECTS:doctest_main>)
  fairlead_target(${name})
  target_link_libraries(${name} PRIVATE ${ARG_LIBRARIES})
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES TIMEOUT 300)
endfunction()
