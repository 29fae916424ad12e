/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef FLOWBIND_SIM_ACCESS_H
#define FLOWBIND_SIM_ACCESS_H

#include "config/scenario_file.h"

#include "ns3/flowbind-access-helper.h"
#include "ns3/node.h"

/// \return the access network of a path as its scenario describes it \param index of the path
ns3::Ptr<ns3::FlowbindAccessHelper> MakeAccess(const fbc_path& path, uint32_t index);

/// Puts a node on the map, at [0, 0] when nothing is said, so that it can move.
void PlaceNode(ns3::Ptr<ns3::Node> node, const fbc_position& position);

/// Sends such a node to where an event says.
void MoveNode(ns3::Ptr<ns3::Node> node, const fbc_event& event);

#endif // FLOWBIND_SIM_ACCESS_H
