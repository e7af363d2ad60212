"""Tells which stack frames of compiled programs lie in the project's own code."""

from __future__ import annotations

import re

_FOREIGN_FILE = re.compile(
    r"/usr/(?!src/|local/src/|home/)|/lib(?:32|64)?/|/opt/|/rustc/|/nix/store/|/gnu/store/|<|\?\?"
    r"|/build(?:dir|root)?/(?:[^/]+/)*(?:glibc|gcc|llvm|valgrind|eglibc)[-_./]"
    # the C library and its companions, as distributions build them
    r"|(?:\.\.?/)+(?:sysdeps|csu|nptl|stdlib|assert|elf|string|malloc|signal|libio|posix|debug|"
    r"misc|setjmp|stdio-common|src/libsanitizer|coregrind|memcheck|helgrind|drd)/"
    r"|(?:[^\s]*/)?(?:compiler-rt|libsanitizer|libstdc\+\+-v3|llvm-project)/"
    r"|[A-Za-z]:\\(?:Program Files|Windows|[^\n]*\\(?:vctools|vcstartup|compiler-rt)\\)"
)
_FOREIGN_NAME = re.compile(
    r"(?:clone\w*(?:-internal)?|pthread_(?:create|kill|mutex_\w+|cond_\w+|join)|libc[-_]start\w*|"
    r"vg_replace_\w+|\w+_intercepts|stl_[\w-]+|new_allocator|alloc_traits|allocator|basic_string|"
    r"unique_ptr|shared_ptr\w*|std_function|std_thread|vector|exception_ptr|iostream\.inst|"
    r"(?:[almt]|hwa|ub|df|rt)san_\w+|sanitizer_\w+|exe_common|"
    r"dl-\w+|do-rel|vfprintf-\w+|vsnprintf\w*|io\w*(?:printf|puts|put|gets|read|write|open|close)|fileops|"
    r"genops|"
    r"(?:mem|str)\w+-(?:sse|avx|evex|erms|ssse|vec)[\w-]*)\.(?:c|h|S|cc|cpp|tcc|inc|inl|inst)$"
)
_FOREIGN_FUNCTION = re.compile(
    r"(?:__(?:GI_|libc_|interceptor_|asan_|sanitizer_|tsan_|cxa_|restore_rt|assert_fail|pthread_|"
    r"clone|kernel_|gnu_|cxxabiv1)|___interceptor_|wrap_|_start$|start_thread$|_IO_|_dl_|_Unwind|"
    r"abort$|raise$|operator (?:new|delete)|.*(?:^|[ *&])(?:std|__gnu_cxx|__gnu_debug|__asan|__tsan"
    r"|__msan|__lsan|__ubsan|__sanitizer|__cxxabiv1)::)"
)


def is_own(function: str, file: str) -> bool:
    """Returns whether a frame of `function` in `file` belongs to the project."""
    # Only the name of a C++ signature counts; arguments may well be of std.
    name = re.split(r"[(<]", function, maxsplit=1)[0]
    return not (
        _FOREIGN_FILE.match(file)
        or ("/" not in file and _FOREIGN_NAME.match(file))
        or _FOREIGN_FUNCTION.match(name)
    )
