0: 'cat',
1: 'dog',
