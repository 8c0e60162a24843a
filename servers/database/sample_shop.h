#pragma once

#include <filesystem>

namespace fairlead::database {

/// Makes a small online shop to try things on: customers, products, orders, order_items and the
/// view order_totals; about 7,000 rows from 2024 and 2025, the same on every machine. Throws
/// std::runtime_error when the file exists already or can't be written.
void make_sample_shop(const std::filesystem::path& file);

}  // namespace fairlead::database
