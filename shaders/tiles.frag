// The weight wall: every kernel a tile, at any zoom, drawn at the screen's own resolution.
uniform vec2 origin;        // where tile (0,0) begins, in points
uniform vec2 value_size;    // points across and down one value
uniform vec2 gap;           // points between tiles
uniform float hairline;     // points between values of a tile; 0: none
uniform float pixel;        // points along one pixel of the screen
uniform vec4 paper;         // behind the tiles
uniform float opacity;
in vec2 at;
out vec4 colour;

// The strongest value under a pixel: zoomed out, a single strong weight must not vanish between pixels.
float strongest(int cell, vec2 from, vec2 to) {
  ivec2 low = clamp(ivec2(floor(from)), ivec2(0), map_size - 1);
  ivec2 high = clamp(ivec2(floor(to - 0.001)), low, min(low + 3, map_size - 1));
  float best = 0.0;
  for (int y = low.y; y <= high.y; ++y) {
    for (int x = low.x; x <= high.x; ++x) {
      float v = value_at(cell, ivec2(x, y));
      if (abs(v) >= abs(best)) best = v;
    }
  }
  return best;
}

void main() {
  vec2 tile = vec2(map_size) * value_size;
  vec2 period = tile + gap;
  vec2 p = at - origin;
  ivec2 place = ivec2(floor(p / period));
  vec2 inside = p - vec2(place) * period;
  int rows = (count + columns - 1) / columns;
  int cell = place.y * columns + place.x;
  colour = paper;
  if (place.x < 0 || place.y < 0 || place.x >= columns || place.y >= rows || cell >= count) return;

  // Share of this pixel that the tile covers, so that edges stay even at any zoom.
  vec2 cover = clamp((min(inside + 0.5 * pixel, tile) - max(inside - 0.5 * pixel, vec2(0.0))) / pixel, 0.0, 1.0);
  cover = max(cover, vec2(lessThanEqual(gap, vec2(0.0))));  // without a gap the next tile has the rest of the pixel
  vec2 v = inside / value_size;
  vec2 half_pixel = 0.5 * pixel / value_size;
  float value = strongest(cell, v - half_pixel, v + half_pixel + 0.001);
  if (min(value_size.x, value_size.y) >= pixel) value = value_at(cell, clamp(ivec2(floor(v)), ivec2(0), map_size - 1));
  vec4 ink = colour_of(value, scale_of(cell));
  if (hairline > 0.0) {
    vec2 edge = min(fract(v), 1.0 - fract(v)) * value_size;
    vec2 outer = min(inside, tile - inside);
    vec2 line = clamp((0.5 * hairline - edge) / pixel + 0.5, 0.0, 1.0) * step(hairline, outer);
    ink = mix(ink, paper, 0.75 * max(line.x, line.y));
  }
  ink = mix(paper, ink, cover.x * cover.y);
  colour = vec4(ink.rgb, ink.a * opacity);
}
