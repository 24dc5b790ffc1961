// A rectangle of the window, in points; corners by number.
uniform vec4 rect;    // x0, y0, x1, y1
uniform vec4 window;  // x, y, width, height of the display
out vec2 at;          // in points
void main() {
  vec2 corner = vec2(float(gl_VertexID & 1), float(gl_VertexID >> 1));
  at = mix(rect.xy, rect.zw, corner);
  vec2 unit = (at - window.xy) / window.zw;
  gl_Position = vec4(unit.x * 2.0 - 1.0, 1.0 - unit.y * 2.0, 0.0, 1.0);
}
