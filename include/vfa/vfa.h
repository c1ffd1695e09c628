/* All of libvfa's API but session.h, which needs libvpl to link. */
#ifndef VFA_VFA_H
#define VFA_VFA_H

#include <vfa/allocator.h>
#include <vfa/backend.h>
#include <vfa/copy.h>
#include <vfa/defs.h>
#include <vfa/format.h>
#include <vfa/interface.h>
#include <vfa/memory.h>
#include <vfa/observe.h>
#include <vfa/plan.h>
#include <vfa/pool.h>
#include <vfa/surface.h>

#endif
