// Rules for what types do not catch. Types find undefined names, since they know the browser's own.

import js from "@eslint/js";

export default [
  { ignores: ["static/js/preact/"] }, // not ours
  js.configs.recommended,
  {
    rules: {
      eqeqeq: "error",
      "no-implicit-coercion": "error",
      // Virtual nodes are never changed after they are made. DOM elements and the open list are.
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
