// A sheet of maps, each with a border that repeats its edge, so that filtering never mixes neighbours.
uniform int border;
uniform int enlarge;  // output pixels along one value; above 1 the values (not the colours) are interpolated
out vec4 colour;

float smooth_value(int cell, vec2 at) {
  vec2 p = clamp(at, vec2(0.0), vec2(map_size - 1));
  ivec2 low = ivec2(floor(p));
  ivec2 high = min(low + 1, map_size - 1);
  vec2 share = p - vec2(low);
  float top = mix(value_at(cell, low), value_at(cell, ivec2(high.x, low.y)), share.x);
  float bottom = mix(value_at(cell, ivec2(low.x, high.y)), value_at(cell, high), share.x);
  return mix(top, bottom, share.y);
}

void main() {
  ivec2 inner = map_size * enlarge;
  ivec2 step_size = inner + 2 * border;
  ivec2 p = ivec2(gl_FragCoord.xy);
  ivec2 place = p / step_size;
  int cell = place.y * columns + place.x;
  if (place.x >= columns || cell >= count) {
    colour = vec4(0.0);
    return;
  }
  ivec2 q = clamp(p - place * step_size - border, ivec2(0), inner - 1);
  float value = enlarge == 1 ? value_at(cell, q) : smooth_value(cell, (vec2(q) + 0.5) / float(enlarge) - 0.5);
  colour = colour_of(value, scale_of(cell));
}
