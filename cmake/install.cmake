# What `cmake --install` puts where: headers under include/fairlead/mcp/…, so that <mcp/…> works
# through the target and never lands in the system's include folder.
include(CMakePackageConfigHelpers)

install(TARGETS fairlead_base fairlead_schema fairlead_mcp EXPORT fairlead-targets)
if(TARGET fairlead_http)
  install(TARGETS fairlead_http fairlead_outbound_rules EXPORT fairlead-targets)
  set(FAIRLEAD_HAS_HTTP ON)
endif()
install(DIRECTORY ${PROJECT_SOURCE_DIR}/mcp DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/fairlead
        COMPONENT headers FILES_MATCHING PATTERN "*.h"
        PATTERN "connection_breaker.h" EXCLUDE
        PATTERN "http_call.h" EXCLUDE
        PATTERN "loopback_server.h" EXCLUDE
        PATTERN "tls_context.h" EXCLUDE
        # What only our own sources include reaches Asio, RE2 or simdjson.
        PATTERN "*_asio.h" EXCLUDE
        PATTERN "*_posix.h" EXCLUDE
        PATTERN "program.h" EXCLUDE
        REGEX "/schema/(verdict|compiler|error_messages|error_walk|in_place_cycle|run|scalar_rules|shortcuts)\\.h$" EXCLUDE
        # The library itself is not installed.
        REGEX "/mcp/auth/" EXCLUDE)

set(destination ${CMAKE_INSTALL_LIBDIR}/cmake/fairlead)
install(EXPORT fairlead-targets NAMESPACE fairlead:: DESTINATION ${destination})
configure_package_config_file(cmake/fairlead-config.cmake.in ${CMAKE_BINARY_DIR}/fairlead-config.cmake
                              INSTALL_DESTINATION ${destination})
write_basic_package_version_file(${CMAKE_BINARY_DIR}/fairlead-config-version.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/fairlead-config.cmake ${CMAKE_BINARY_DIR}/fairlead-config-version.cmake
        DESTINATION ${destination})

if(libidn2_FOUND)
  set(FAIRLEAD_PKG_CONFIG_LIBIDN2 libidn2)
endif()
configure_file(cmake/fairlead.pc.in ${CMAKE_BINARY_DIR}/fairlead.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/fairlead.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

foreach(program fairlead mcp-server-database mcp-server-filesystem mcp-server-websearch)
  if(TARGET ${program})
    install(TARGETS ${program})
  endif()
endforeach()
