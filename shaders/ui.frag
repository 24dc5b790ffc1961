uniform sampler2D image;
in vec2 at;
in vec4 ink;
out vec4 colour;
void main() { colour = ink * texture(image, at); }
