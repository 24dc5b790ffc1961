// What the linter asks of all JavaScript here; the test lint_javascript runs it: node node_modules/eslint/bin/eslint.js .
import js from '@eslint/js';
import globals from 'globals';

// Functions that run in the page stand in the tests too, as arguments of page.evaluate().
const kTests = ['tests/browser/**/*.mjs', 'scripts/*.mjs'];

export default [
  { ignores: ['build/', '.toolchain/'] },
  js.configs.recommended,
  {
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      'array-callback-return': 'error',
      curly: ['error', 'multi-line'],
      eqeqeq: 'error',
      'no-eval': 'error', // the page's policy forbids it
      'no-implied-eval': 'error',
      'no-new-func': 'error',
      'no-shadow': 'error',
      'no-undef': 'error',
      'no-unused-vars': ['error', { argsIgnorePattern: '^_$', ignoreRestSiblings: true }],
      'no-use-before-define': ['error', { functions: false, variables: false }],
      'no-var': 'error',
      'object-shorthand': 'error',
      'prefer-const': ['error', { destructuring: 'all' }],
      'prefer-template': 'error',
      strict: 'error',
    },
  },
  { files: ['**/*.mjs'], languageOptions: { globals: globals.node } },
  { files: ['cmake/npm/*.js'], languageOptions: { sourceType: 'commonjs', globals: globals.node } },
  { files: kTests, languageOptions: { globals: { ...globals.browser, weightroom: 'readonly' } } },
  { files: ['web/bench/**/*.js'], languageOptions: { globals: { ...globals.browser, WEIGHTROOM_ENGINE_THREADS: 'readonly' } } },
  {
    files: ['web/*.js'], // classic scripts: see cmake/single_file.mjs
    languageOptions: {
      sourceType: 'script',
      globals: {
        ...globals.browser,
        WEIGHTROOM_EMBEDDED: 'readonly',
        WEIGHTROOM_FILES: 'readonly',
        WEIGHTROOM_STRINGS: 'readonly',
        WEIGHTROOM_OPENER: 'readonly',
        createOpener: 'readonly',
        createWeightroom: 'readonly',
        createWeightroomThreads: 'readonly',
      },
    },
  },
  {
    files: ['src/platform/web/*.js'], // Emscripten's JavaScript libraries; each names what it calls of the program
    languageOptions: {
      sourceType: 'script',
      globals: { ...globals.browser, addToLibrary: 'readonly', Module: 'writable' },
    },
    rules: { strict: 'off' }, // one scope with Emscripten's own
  },
];
