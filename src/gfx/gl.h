#pragma once

// OpenGL as both shells have it: the core functions of 3.3, which are those of ES 3.0 (WebGL2) that we use.
#ifndef GL_GLEXT_PROTOTYPES
#define GL_GLEXT_PROTOTYPES
#endif
#include <GL/gl.h>
#include <GL/glext.h>
