#!/usr/bin/env python3
"""What the documents show is true: every command in them is run, in an empty folder for each
document and in the order of the text, and what it prints is compared with what is shown.

Usage: documents.py --source ROOT --build FOLDER [DOCUMENT...]

Commands are the lines of blocks of `sh`, lines that begin with "$ " in other blocks (what follows is
their output), and code within a line that begins with "gradtape ". Code that is a command's name
alone, ends with an option, or has words in capitals or dots for what the reader puts there, is not
run: its options must be those of the command. The first blocks of C in README.md must be the programs of examples/.

Remarks that no reader sees (`<!-- test: ... -->` in Markdown, `.\\" test: ...` in the manual page)
say what else there is to know:

    file NAME          the next block is written to NAME
    append NAME        the next block is appended to NAME, below an empty line
    run COMMAND        is run, but not shown: what the text tells in words
    as OLD => NEW      in the next block NEW is run for OLD
    skip REASON        the next block is not run
    numbers            in the output of the next block any number may stand for any other
    output REASON      the output of the next block is not compared

Times in seconds may differ; a line "..." stands for any lines.
"""
import argparse
import glob
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

PROGRAMS = ("examples/expression.c", "examples/minimal_gated_unit.c")
LIMIT = 100  # seconds for one command


class Wrong(Exception):
    pass


# ---- reading ------------------------------------------------------------------------------------


def markdown_parts(text):
    """Remarks, blocks of code and code within lines, in order: (line, kind, content)."""
    language, block, start = None, [], 0
    for number, line in enumerate(text.split("\n"), 1):
        if line.startswith("```"):
            if language is None:
                language, block, start = line[3:], [], number + 1
            else:
                yield start, "block:" + language, block
                language = None
        elif language is not None:
            block.append(line)
        elif line.startswith("<!-- test: "):
            yield number, "remark", line[len("<!-- test: "):].removesuffix(" -->")
        else:
            for code in re.findall(r"`(gradtape [^`]*)`", line):
                yield number, "code", code


def manual_parts(text):
    """The same of a manual page, whose examples are lines after .Dl."""
    for number, line in enumerate(text.split("\n"), 1):
        if line.startswith('.\\" test: '):
            yield number, "remark", line[len('.\\" test: '):]
        elif line.startswith(".Dl "):
            yield number, "block:sh", [line[4:]]


def commands_of(block):
    """[(offset, command, lines of output)] of a block with "$ "."""
    found = []
    for offset, line in enumerate(block):
        if line.startswith("$ "):
            found.append((offset, line[2:], []))
        elif found:
            found[-1][2].append(line)
    return found


# ---- comparing ----------------------------------------------------------------------------------


def comparable(line, numbers):
    line = re.sub(r"\d+(\.\d+)? (s|characters/s)\b", r"# \2", line.rstrip())
    return re.sub(r"\d+(\.\d+)?", "#", line) if numbers else line


def agrees(shown, printed):
    """Whether the lines are the same, where "..." stands for any."""
    pattern = "".join(r"(.*\n)*" if line == "..." else re.escape(line) + "\n" for line in shown)
    return re.fullmatch(pattern, "".join(line + "\n" for line in printed)) is not None


# ---- running ------------------------------------------------------------------------------------


class Document:
    def __init__(self, name, source, environment, folder):
        self.name, self.source, self.folder = name, source, folder
        self.environment = dict(environment, HOME=folder)
        self.remarks, self.programs, self.count = [], list(PROGRAMS), 0

    def remark(self, kind):
        """What the remarks before a block say of one kind."""
        return [words[len(kind):].strip() for words in self.remarks if words.split()[0] == kind]

    def run(self, line, command):
        for change in self.remark("as"):
            old, new = change.split(" => ")
            if old not in command:
                raise Wrong("%s:%d: has no '%s' to replace" % (self.name, line, old))
            command = command.replace(old, new)
        self.count += 1
        done = subprocess.run(["sh", "-c", command], cwd=self.folder, env=self.environment, timeout=LIMIT, text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return done.returncode, done.stdout

    def run_well(self, line, command):
        status, printed = self.run(line, command)
        if status != 0:
            raise Wrong("%s:%d: '%s' ends with status %d:\n%s" % (self.name, line, command, status, printed))

    def run_shown(self, line, command, shown):
        """What is shown may be a failure; then what it says is compared."""
        if not shown or self.remark("output"):
            return self.run_well(line, command)
        numbers = bool(self.remark("numbers"))
        _, printed = self.run(line, command)
        shown = [comparable(text, numbers) for text in shown]
        printed = [comparable(text, numbers) for text in printed.removesuffix("\n").split("\n")]
        if not agrees(shown, printed):
            raise Wrong("%s:%d: '%s' is shown to print\n%s\nbut prints\n%s"
                        % (self.name, line, command, "\n".join(shown), "\n".join(printed)))
        return None

    def options_exist(self, line, code):
        """Code that is no whole command names a command and options that there are."""
        command = code.split()[1]
        options = re.findall(r"(?<=\s)--?[a-z][a-z-]*", code)
        status, printed = self.run(line, "gradtape %s --help" % shlex.quote(command))
        for option in options:
            if not re.search(r"(?<![\w-])%s(?![\w-])" % option, printed):
                raise Wrong("%s:%d: %s --help has no %s" % (self.name, line, command, option))
        if status != 0:
            raise Wrong("%s:%d: there is no command 'gradtape %s'" % (self.name, line, command))

    def code(self, line, code):
        words = code.split()
        whole = len(words) > 2 and not words[-1].startswith("-") and not re.search(r"…|\.\.\.|\b[A-Z]{4,}\b", code)
        self.run_well(line, code) if whole else self.options_exist(line, code)

    def block(self, line, language, block):
        if self.remark("skip"):
            return
        for kind, mode in (("file", "w"), ("append", "a")):
            for name in self.remark(kind):
                with open(os.path.join(self.folder, name), mode, encoding="utf-8") as stream:
                    stream.write("".join(text + "\n" for text in ([""] if mode == "a" else []) + block))
        if language == "sh":
            for offset, command in enumerate(block):
                self.run_well(line + offset, command)
        elif language == "c" and self.name == "README.md" and self.programs:
            self.is_program(line, block, self.programs.pop(0))
        for offset, command, shown in commands_of(block):
            self.run_shown(line + offset, command, shown)

    def is_program(self, line, block, program):
        with open(os.path.join(self.source, program), encoding="utf-8") as stream:
            if "\n".join(block) + "\n" != stream.read():
                raise Wrong("%s:%d: the program is not %s" % (self.name, line, program))

    def test(self):
        with open(os.path.join(self.source, self.name), encoding="utf-8") as stream:
            parts = (markdown_parts if self.name.endswith(".md") else manual_parts)(stream.read())
        for line, kind, content in parts:
            if kind == "remark" and content.startswith("run "):
                self.run_well(line, content[len("run "):])
            elif kind == "remark":
                self.remarks.append(content)
            elif kind == "code":
                self.code(line, content)
            else:
                self.block(line, kind.partition(":")[2], content)
                self.remarks = []


def describe_library(given, folder):
    """What `meson install` would give to pkg-config, of the library where it is built."""
    with open(os.path.join(given.build, "meson-private/gradtape.pc"), encoding="utf-8") as stream:
        text = stream.read()
    for variable, place in (("includedir", os.path.join(given.source, "include")), ("libdir", given.build)):
        text = re.sub("^%s=.*" % variable, "%s=%s" % (variable, place), text, flags=re.MULTILINE)
    with open(os.path.join(folder, "gradtape.pc"), "w", encoding="utf-8") as stream:
        stream.write(text)


def environment_of(given, folder):
    """The command, a compiler with the flags of the build, and the library as pkg-config finds it."""
    describe_library(given, folder)
    compiler = os.path.join(folder, "cc")
    with open(compiler, "w", encoding="utf-8") as stream:
        # By the path from before: the compiler may be called cc, too.
        stream.write('#!/bin/sh\nPATH=%s\nexport PATH\nexec %s "$@"\n' % (shlex.quote(os.environ["PATH"]), given.compiler))
    os.chmod(compiler, 0o755)
    os.symlink(os.path.join(given.build, "src/cli/gradtape"), os.path.join(folder, "gradtape"))
    environment = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
    environment.update(PATH=folder + os.pathsep + os.environ["PATH"], NO_COLOR="1",
                       PKG_CONFIG_PATH=folder, SOURCE=given.source)
    libraries = [given.build] + [path for path in [os.environ.get("LD_LIBRARY_PATH")] if path]
    environment["LD_LIBRARY_PATH"] = os.pathsep.join(libraries)
    return environment


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--source", type=os.path.abspath, required=True)
    parser.add_argument("--build", type=os.path.abspath, required=True)
    parser.add_argument("--compiler", default=shutil.which("cc"), help="with the flags of the build")
    parser.add_argument("documents", nargs="*")
    given = parser.parse_args()
    os.chdir(given.source)
    names = given.documents or ["README.md", "editors/README.md", "docs/gradtape.1"] + sorted(glob.glob("docs/*.md"))
    failed = False
    with tempfile.TemporaryDirectory() as programs:
        environment = environment_of(given, programs)
        for name in names:
            with tempfile.TemporaryDirectory() as folder:
                document = Document(name, given.source, environment, folder)
                try:
                    document.test()
                    print("%s: %d commands" % (name, document.count))
                except (Wrong, subprocess.TimeoutExpired) as wrong:
                    print(wrong)
                    failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
