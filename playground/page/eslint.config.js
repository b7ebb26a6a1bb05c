// What the types do not see. Undefined names are left to them: they know the browser's own.

import js from "@eslint/js";

export default [
  { ignores: ["static/js/preact/"] }, // not ours
  js.configs.recommended,
  {
    rules: {
      eqeqeq: "error",
      "no-implicit-coercion": "error",
      // What is drawn is not changed afterwards; elements of the page and the open list are.
      "no-param-reassign": ["error", { props: true, ignorePropertyModificationsFor: ["element", "list"] }],
      "no-shadow": "error",
      "no-undef": "off",
      "no-var": "error",
      "object-shorthand": "error",
      "prefer-const": "error",
      "prefer-template": "error",
    },
  },
];
