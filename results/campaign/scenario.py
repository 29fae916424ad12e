# SPDX-License-Identifier: BSD-3-Clause
"""Scenario files as trees of YAML nodes: what a campaign changes in them, all else left letter for letter.

Nodes and not values, because a value that YAML takes for a number, a date or a truth is a word to the simulator.
"""

import hashlib
import os
import re
import shutil

import yaml


class InputError(Exception):
    """What a user wrote is wrong; the text says where, what, and what to do."""


def where(path, node):
    mark = node.start_mark
    return f"{path}:{mark.line + 1}:{mark.column + 1}"


def read(path):
    """The root node of a YAML file, which is a mapping. Its nodes know the file's name."""
    try:
        with open(path, encoding="utf-8") as file:
            loader = yaml.SafeLoader(file.read())
        loader.name = path
        root = loader.get_single_node()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot read it: {getattr(error, 'strerror', None) or error}") from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        at = f"{path}:{mark.line + 1}:{mark.column + 1}" if mark else path
        raise InputError(f"{at}: {error.problem}") from error
    except yaml.YAMLError as error:
        raise InputError(f"{path}: {error}") from error
    if not isinstance(root, yaml.MappingNode):
        raise InputError(f"{path}:1: a mapping (key: value) is expected")
    return root


def origin_of(root, text, line, column):
    """FILE:LINE:COLUMN where what stands in a line and column (from 1) of the text was read, which write() made of the
    tree; nothing for what no file says."""
    found = ""
    pairs = [(root, yaml.compose(text, Loader=yaml.SafeLoader))]
    while pairs:
        before, after = pairs.pop()
        mark = after.start_mark
        if (mark.line + 1, mark.column + 1) == (line, column) and is_of_file(before):
            found = where(before.start_mark.name, before)
        for one, other in zip(children(before), children(after)):
            pairs.append((one, other))
    return found


def is_of_file(node):
    """And not put together here: then its mark is "<unicode string>", or there is none."""
    return node.start_mark is not None and not node.start_mark.name.startswith("<")


def children(node):
    if isinstance(node, yaml.MappingNode):
        return [part for pair in node.value for part in pair]
    return node.value if isinstance(node, yaml.SequenceNode) else []


def write(root):
    return yaml.serialize(root, Dumper=yaml.SafeDumper, allow_unicode=True, width=1000)


def scalar(text):
    return yaml.ScalarNode("tag:yaml.org,2002:str", str(text))


def mapping(*pairs):
    return yaml.MappingNode("tag:yaml.org,2002:map", [(scalar(key), value) for key, value in pairs])


def sequence(items):
    return yaml.SequenceNode("tag:yaml.org,2002:seq", list(items))


def find(node, key):
    """The value of a key of a mapping, or None."""
    return next((value for name, value in node.value if name.value == key), None)


def put(node, key, value):
    for i, (name, _) in enumerate(node.value):
        if name.value == key:
            node.value[i] = (name, value)
            return
    node.value.append((scalar(key), value))


def remove(node, key):
    node.value = [pair for pair in node.value if pair[0].value != key]


def captures_of(root):
    """The nodes that name captures which traffic replays."""
    traffic = find(root, "traffic")
    items = traffic.value if isinstance(traffic, yaml.SequenceNode) else []
    found = (find(item, "capture") for item in items if isinstance(item, yaml.MappingNode))
    return [node for node in found if isinstance(node, yaml.ScalarNode)]


def keep_captures(root, folder):
    """Copies captures into the folder of a scenario, named by their content: another one is another scenario."""
    for node in captures_of(root):
        if not os.path.isabs(node.value) or not os.path.isfile(node.value):
            continue  # it is there already, or the simulator will say what is wrong
        with open(node.value, "rb") as file:
            name = hashlib.sha256(file.read()).hexdigest()[:16] + os.path.splitext(node.value)[1]
        if not os.path.exists(os.path.join(folder, name)):
            shutil.copyfile(node.value, os.path.join(folder, name + ".new"))
            os.rename(os.path.join(folder, name + ".new"), os.path.join(folder, name))
        node.value = name


def load(path):
    """A scenario in which policies stand that were files of their own: of other files it only needs captures."""
    root = read(path)
    for node in captures_of(root):
        node.value = os.path.abspath(os.path.join(os.path.dirname(path), node.value))
    for key in ("policy", "static-policy"):
        value = find(root, key)
        if isinstance(value, yaml.ScalarNode):
            put(root, key, read(os.path.join(os.path.dirname(path), value.value)))
    return root


def names_of(node):
    return [name.value for item in node.value if isinstance(item, yaml.MappingNode) and (name := find(item, "name"))]


def paths_of(root):
    """[(name, type)] of the paths of a scenario that the simulator has accepted."""
    paths = find(root, "paths")
    return [(find(path, "name").value, find(path, "type").value) for path in (paths.value if paths else [])]


def step(node, word, path):
    """What `word` names inside a node: a key, the item of a list with that name, or its number from 1."""
    if isinstance(node, yaml.MappingNode):
        if find(node, word) is None:
            put(node, word, mapping())
        return find(node, word)
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            if isinstance(item, yaml.MappingNode) and (name := find(item, "name")) is not None and name.value == word:
                return item
        if re.fullmatch(r"[0-9]+", word) and 1 <= int(word) <= len(node.value):
            return node.value[int(word) - 1]
        named = names_of(node)
        raise InputError(f"{path}: nothing is called '{word}' there; there are: "
                         + (" ".join(named) or f"items 1 to {len(node.value)}"))
    raise InputError(f"{path}: '{word}' cannot be inside of '{node.value}'")


def assign(root, path, value):
    """Sets "paths.lte.delay"; what is not there is added."""
    words = path.split(".")
    node = root
    for word in words[:-1]:
        node = step(node, word, path)
    if isinstance(node, yaml.MappingNode):
        put(node, words[-1], value)
    elif isinstance(node, yaml.SequenceNode):
        node.value[node.value.index(step(node, words[-1], path))] = value
    else:
        raise InputError(f"{path}: '{words[-1]}' cannot be inside of '{node.value}'")


def use_scheduler(root, name):
    """Packets that no flow decides go by this scheduler. Without any policy that is all packets, on all paths."""
    for key in ("policy", "static-policy"):
        policy = find(root, key)
        if isinstance(policy, yaml.MappingNode):
            default = find(policy, "default")
            if isinstance(default, yaml.MappingNode):
                put(default, "scheduler", scalar(name))
            else:
                put(policy, "default", scalar(name))
            return
    paths = find(root, "paths")
    spread = mapping(("spread", sequence(map(scalar, names_of(paths) if paths else []))), ("scheduler", scalar(name)))
    put(root, "static-policy", mapping(
        ("flows", sequence([mapping(("name", scalar("all")), ("match", mapping()), ("use", spread))]))))


def is_policy(policy, folder):
    """Whether there is such a file, or it could be a scheduler; the simulator knows which there are."""
    return os.path.isfile(os.path.join(folder, policy)) or re.fullmatch(r"[a-z][a-z0-9-]*", policy)


def use_policy(root, policy, folder):
    """Replaces the policy: by that of a file, by "scenario" (as it is), or by the name of a scheduler."""
    if policy == "scenario":
        return
    path = os.path.join(folder, policy)
    if os.path.isfile(path):
        put(root, "policy", read(path))
    elif re.fullmatch(r"[a-z][a-z0-9-]*", policy):
        use_scheduler(root, policy)
    else:
        raise InputError(f"there is no policy file '{path}'")


def spell(node):
    """A value as tables show it."""
    return node.value if isinstance(node, yaml.ScalarNode) else " ".join(write(node).split())


def label(policy):
    """What tables call a policy."""
    return os.path.splitext(os.path.basename(policy))[0]


def unique_labels(policies):
    """What tables call several: names of files, or whole paths where two are the same."""
    short = [label(policy) for policy in policies]
    return short if len(set(short)) == len(short) else policies
