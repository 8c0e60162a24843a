#include <stdlib.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "servers/database/free_memory.h"

namespace fairlead::database {

void return_free_memory() noexcept {
#ifdef __GLIBC__
  malloc_trim(0);
#endif
}

}  // namespace fairlead::database
