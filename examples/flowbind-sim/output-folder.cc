/* SPDX-License-Identifier: GPL-2.0-only */
#include "output-folder.h"

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>

namespace fs = std::filesystem;

namespace
{

/// Octets of the header of a capture file, and of each packet in it.
const long FILE_HEADER = 24;
const std::size_t PACKET_HEADER = 16;
/// where it stands in the packet's header, in the order of this machine
const std::size_t CAPTURED_LENGTH = 8;

/// \return true when the file ends where a packet ends
bool
IsCompleteCapture(const std::string& path)
{
    std::FILE* file = std::fopen(path.c_str(), "rb");
    if (file == nullptr)
    {
        return false;
    }
    std::fseek(file, 0, SEEK_END);
    const long end = std::ftell(file);
    long at = FILE_HEADER;
    unsigned char header[PACKET_HEADER];
    while (at < end && std::fseek(file, at, SEEK_SET) == 0 &&
           std::fread(header, 1, sizeof(header), file) == sizeof(header))
    {
        uint32_t captured;
        std::memcpy(&captured, header + CAPTURED_LENGTH, sizeof(captured));
        at += static_cast<long>(sizeof(header) + captured);
    }
    std::fclose(file);
    return at == end;
}

} // namespace

OutputFolder::OutputFolder(const std::string& path)
    : m_path(path)
{
}

OutputFolder::~OutputFolder()
{
    if (!m_work.empty())
    {
        std::error_code ignored;
        fs::remove_all(m_work, ignored);
    }
}

bool
OutputFolder::Open()
{
    std::error_code error;
    fs::create_directories(m_path, error);
    if (error)
    {
        return Fail("cannot make the folder " + m_path, error.message());
    }
    std::string work = m_path + "/.partial-XXXXXX";
    if (mkdtemp(&work[0]) == nullptr)
    {
        return Fail("cannot write into the folder " + m_path, std::strerror(errno));
    }
    m_work = work;
    return true;
}

bool
OutputFolder::Write(const std::string& name, const std::string& text)
{
    std::FILE* file = std::fopen(GetWorkPath(name).c_str(), "wb");
    if (file == nullptr)
    {
        return Fail("cannot write " + GetFinalPath(name), std::strerror(errno));
    }
    bool complete = std::fwrite(text.data(), 1, text.size(), file) == text.size();
    int error = errno;
    // What is still buffered is written now, and a full disk may only show now.
    if (std::fclose(file) != 0)
    {
        complete = false;
        error = errno;
    }
    return complete || Fail("cannot write " + GetFinalPath(name), std::strerror(error));
}

std::string
OutputFolder::GetWorkPath(const std::string& name) const
{
    return m_work + "/" + name;
}

std::string
OutputFolder::GetFinalPath(const std::string& name) const
{
    return m_path + "/" + name;
}

bool
OutputFolder::CheckCaptures(const std::vector<std::string>& names)
{
    for (const auto& name : names)
    {
        if (!IsCompleteCapture(GetWorkPath(name)))
        {
            return Fail("the capture " + GetFinalPath(name) + " is incomplete",
                        "the disk is probably full");
        }
    }
    return true;
}

bool
OutputFolder::Commit(const std::vector<std::string>& names)
{
    for (const auto& name : names)
    {
        if (!fs::exists(GetWorkPath(name)))
        {
            continue;
        }
        std::error_code error;
        fs::rename(GetWorkPath(name), GetFinalPath(name), error);
        if (error)
        {
            return Fail("cannot replace " + GetFinalPath(name), error.message());
        }
    }
    return true;
}

const std::string&
OutputFolder::GetError() const
{
    return m_error;
}

bool
OutputFolder::Fail(const std::string& what, const std::string& reason)
{
    m_error = what + ": " + reason + ". Make room or choose another folder with --out DIR.";
    return false;
}
