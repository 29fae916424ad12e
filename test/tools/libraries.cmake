# SPDX-License-Identifier: BSD-3-Clause
# What the stand-alone build in CMakeLists.txt is made of.

# flowbind_find(NAME PKGCONFIG-NAME DEBIAN-PACKAGE): the target PkgConfig::NAME
function(flowbind_find name module package)
    pkg_check_modules(${name} QUIET IMPORTED_TARGET GLOBAL ${module})
    if(NOT ${name}_FOUND)
        message(FATAL_ERROR "${module} was not found. Debian: apt-get install ${package}")
    endif()
endfunction()

# flowbind_library(NAME SOURCES file... [OPTIONS flag...] [LIBRARIES target...] [POSIX])
#
# A static library NAME, and the object library NAME-objects it is made of. POSIX: may use more than ISO C. Without
# sources it stands for its libraries only.
function(flowbind_library name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "POSIX" "" "SOURCES;OPTIONS;LIBRARIES")
    if(NOT arg_SOURCES)
        file(WRITE ${CMAKE_BINARY_DIR}/${name}-empty.c "typedef int flowbind_empty;\n")
        set(arg_SOURCES ${CMAKE_BINARY_DIR}/${name}-empty.c)
    endif()
    add_library(${name}-objects OBJECT ${arg_SOURCES})
    add_library(${name} STATIC $<TARGET_OBJECTS:${name}-objects>)
    foreach(target ${name}-objects ${name})
        target_include_directories(${target} PUBLIC ${flowbind_include})
        target_link_libraries(${target} PUBLIC ${arg_LIBRARIES})
        if(arg_POSIX)
            target_compile_definitions(${target} PUBLIC _POSIX_C_SOURCE=200809L)
        endif()
    endforeach()
    if(NOT arg_OPTIONS)
        set(arg_OPTIONS -Wall -Wextra -Wpedantic)
    endif()
    target_compile_options(${name}-objects PRIVATE ${arg_OPTIONS})
endfunction()

# flowbind_program(NAME SOURCES file... LIBRARIES target...)
function(flowbind_program name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LIBRARIES")
    add_executable(${name} ${arg_SOURCES})
    target_link_libraries(${name} PRIVATE ${arg_LIBRARIES})
    target_compile_options(${name} PRIVATE -Wall -Wextra)
endfunction()

# flowbind_split_main(MAIN REST file...): files that define main(), and the others
function(flowbind_split_main main rest)
    foreach(file IN LISTS ARGN)
        file(STRINGS ${file} found REGEX "^(int )?main\\(")
        if(found)
            list(APPEND with ${file})
        else()
            list(APPEND without ${file})
        endif()
    endforeach()
    set(${main} ${with} PARENT_SCOPE)
    set(${rest} ${without} PARENT_SCOPE)
endfunction()

# flowbind_find_ns3(VERSION): sets flowbind_ns3_libraries
#
# The targets that ns-3 installs name folders and libraries of everything it was built with (Python, libxml2, SQLite,
# GSL). Its headers do not need them and its libraries find them by themselves: what is not there is taken out, so that
# an installation of ns-3 alone is enough.
macro(flowbind_find_ns3 version)
    find_package(ns3 QUIET) # ns-3 calls only the very same version compatible: compare here
    if(NOT ns3_FOUND OR ns3_VERSION VERSION_LESS ${version})
        message(FATAL_ERROR "ns-3 ${version} or newer was not found. Debian: apt-get install libns3-dev ns3; "
                            "for a build without ns-3 say -DFLOWBIND_NS3=OFF")
    endif()
    get_property(ns3_targets DIRECTORY PROPERTY IMPORTED_TARGETS)
    list(FILTER ns3_targets INCLUDE REGEX "^ns3::lib")
    foreach(target IN LISTS ns3_targets)
        foreach(property INTERFACE_INCLUDE_DIRECTORIES INTERFACE_LINK_LIBRARIES)
            get_target_property(values ${target} ${property})
            set(kept)
            foreach(value IN LISTS values)
                if(NOT IS_ABSOLUTE "${value}" OR EXISTS "${value}")
                    list(APPEND kept "${value}")
                endif()
            endforeach()
            set_target_properties(${target} PROPERTIES ${property} "${kept}")
        endforeach()
    endforeach()
    foreach(module IN LISTS flowbind_ns3-module)
        list(APPEND flowbind_ns3_libraries ns3::lib${module})
    endforeach()
endmacro()
