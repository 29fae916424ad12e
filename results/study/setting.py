# SPDX-License-Identifier: BSD-3-Clause
"""The scenarios of the study: a topology, a policy, and what is sent."""

import os

import yaml

import design
import scenario
from kinds import BENEFIT, DURATION, KINDS, TOGETHER, WARMUP

HERE = os.path.dirname(os.path.abspath(__file__))

# What each is, in a few words, is the first comment of policies/NAME.yaml
POLICIES = ["fastest", "flow-hash", "weighted", "lowest-rtt", "edpf", "redundant", "separate", "tailored"]


def only(link):
    """The policy that uses this link alone: what a link is worth by itself."""
    return "only-" + link


# Everything that is the same in all runs. Both ends know rates and delays of the links, the mobile node by itself and
# the home agent from its requests; round-trip times are those that probes measure.
COMMON = f"""protocol: mip4
duration: {WARMUP + DURATION}s
warmup: {WARMUP}s
mobile-node: {{path-metrics: true, sample: 10ms}}
probe: {{interval: 100ms}}
timers: {{lifetime: 4s}}
backhaul: {{access: 0s, core: 0s, rate: 10Gbps}}
tcp: {{variant: cubic, segment: 1340, buffers: 4MB}}
"""


def link_text(link, bid):
    """A link weighs as much as its rate, in 10 kbit/s. A radio network's rate nobody knows."""
    text = f"name: {link.name}, type: {link.type}, bid: {bid}, label: {bid}, encapsulation: gre"
    for key in ("rate", "delay", "queue", "loss"):
        if getattr(link, key):
            text += f", {key}: {getattr(link, key)}"
    if link.distance:
        text += f", position: [{link.distance.removesuffix('m')}, 0]"
    if link.bits_per_second is not None:
        text += f", weight: {min(65535, max(1, round(link.bits_per_second / 1e4)))}"
    return f"  - {{{text}}}\n"


def links_text(topology):
    return "paths:\n" + "".join(link_text(link, bid) for bid, link in enumerate(topology.links, 1))


def traffic_text(traffic, number):
    chosen = [kind for kind in KINDS if traffic in (kind.name, TOGETHER)]
    return "traffic:\n" + "".join(
        f"  - {{name: {kind.name}, start: {WARMUP}s, {kind.words.replace('PORT', str(kind.port + number))}}}\n"
        for kind in chosen)


def policy_path(name):
    return os.path.join(HERE, "policies", name + ".yaml")


def read_policy(name):
    with open(policy_path(name), encoding="utf-8") as file:
        return file.read()


def policy_of(name, links):
    """(key of the scenario, nodes) of a policy, without the links that the topology has not."""
    if name.startswith("only-"):
        return "policy", yaml.compose(f"flows: [{{name: all, match: {{}}, use: [{name.removeprefix('only-')}]}}]")
    root = scenario.read(policy_path(name))
    key = "policy"
    for flow in scenario.find(root, "flows").value:
        use = scenario.find(flow, "use")
        if isinstance(use, yaml.MappingNode):
            key, use = "static-policy", scenario.find(use, "spread")  # no message can say it
        use.value = [node for node in use.value if node.value in links]
    return key, root


def make(topology, number, policy, traffic):
    """The nodes of a scenario. `number` is the topology's, from 0."""
    root = yaml.compose(COMMON + links_text(topology) + traffic_text(traffic, number))
    key, nodes = policy_of(policy, [link.name for link in topology.links])
    scenario.put(root, key, nodes)
    return root


def traffics(topology):
    """What is sent: each kind alone, and all together; of radio networks, which take long, only that."""
    return ([] if topology.kind == design.RADIO else [kind.name for kind in KINDS]) + [TOGETHER]


def points(topologies):
    """[((topology, policy, traffic), nodes)]: each policy with each traffic, and a download on each link alone."""
    found = []
    for number, topology in enumerate(topologies):
        wanted = [(policy, traffic) for policy in POLICIES for traffic in traffics(topology)]
        if topology.kind != design.RADIO:
            wanted += [(only(link.name), BENEFIT.kind) for link in topology.links[1:]]
        found += [((topology.name, policy, traffic), make(topology, number, policy, traffic))
                  for policy, traffic in wanted]
    return found
