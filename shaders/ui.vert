// Dear ImGui's vertices, in points.
layout(location = 0) in vec2 position;
layout(location = 1) in vec2 uv;
layout(location = 2) in vec4 colour;
uniform vec4 window;  // x, y, width, height of the display
out vec2 at;
out vec4 ink;
void main() {
  at = uv;
  ink = colour;
  vec2 unit = (position - window.xy) / window.zw;
  gl_Position = vec4(unit.x * 2.0 - 1.0, 1.0 - unit.y * 2.0, 0.0, 1.0);
}
