/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef FLOWBIND_SIM_OUTPUT_FOLDER_H
#define FLOWBIND_SIM_OUTPUT_FOLDER_H

#include <string>
#include <vector>

/**
 * The folder of the results. Files are made in a hidden folder inside it and take their places at the very end, one by
 * one, so that an earlier run's results stay whole until this run's are.
 *
 * Everything returns false when it failed; GetError() then says why and what to do.
 */
class OutputFolder
{
  public:
    explicit OutputFolder(const std::string& path);
    ~OutputFolder();
    OutputFolder(const OutputFolder&) = delete;
    OutputFolder& operator=(const OutputFolder&) = delete;

    /// Makes the folder.
    bool Open();
    /// Writes a whole file.
    bool Write(const std::string& name, const std::string& text);
    /// \return where to make a file now
    std::string GetWorkPath(const std::string& name) const;
    /// \return where it will be
    std::string GetFinalPath(const std::string& name) const;
    /// Checks that captures are complete: a full disk goes unnoticed by ns-3.
    bool CheckCaptures(const std::vector<std::string>& names);
    /// Puts files in their places. Those that are not there are left out.
    bool Commit(const std::vector<std::string>& names);
    const std::string& GetError() const;

  private:
    bool Fail(const std::string& what, const std::string& reason);

    std::string m_path;
    std::string m_work; ///< empty: not open
    std::string m_error;
};

#endif // FLOWBIND_SIM_OUTPUT_FOLDER_H
