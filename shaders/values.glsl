// Values lie one behind the other in a texture of a fixed width; cells (a channel, a kernel) of map_size each.
uniform highp sampler2D values;
uniform highp sampler2D palette;
uniform highp sampler2D scales;   // one row: a scale for all cells (width 1), or one each
uniform ivec2 map_size;           // of a cell: width, height
uniform int columns;              // cells side by side
uniform int count;                // cells
const int kSteps = 255;           // gfx::kPaletteSteps

float value_at(int cell, ivec2 p) {
  int index = (cell * map_size.y + p.y) * map_size.x + p.x;
  int width = textureSize(values, 0).x;
  return texelFetch(values, ivec2(index % width, index / width), 0).r;
}

float scale_of(int cell) {
  ivec2 size = textureSize(scales, 0);
  int at = size.x * size.y == 1 ? 0 : cell;
  return texelFetch(scales, ivec2(at % size.x, at / size.x), 0).r;
}

vec4 colour_of(float value, float scale) {
  if (!(value == value)) return vec4(0.659, 0.235, 0.784, 1.0);  // not a number
  float t = scale > 0.0 ? clamp(value / scale, -1.0, 1.0) : 0.0;
  // Zero is entry kSteps exactly; between two entries the colour is mixed, so that no bands show.
  float place = t * float(kSteps) + float(kSteps);
  int low = clamp(int(floor(place)), 0, 2 * kSteps);
  int high = min(low + 1, 2 * kSteps);
  return mix(texelFetch(palette, ivec2(low, 0), 0), texelFetch(palette, ivec2(high, 0), 0), place - float(low));
}
