{0: 'cat',
 1: 'dog',
 2: "jack-o'-lantern",
 3: 'say "x"',
 4: 'tench, Tinca tinca',
 5: 'Käse'}