/** A template, compiled when the bundle is built (see `scripts/templates.ts`). */
declare module '*.hbs' {
  const template: TemplateSpecification;
  export default template;
}

/** The style of a page, as text. */
declare module '*.css' {
  const style: string;
  export default style;
}

/** A script that runs in a page, as text. */
declare module '*.browser.js' {
  const script: string;
  export default script;
}
