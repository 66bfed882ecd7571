/** A template, compiled when the bundle is built (see `scripts/templates.ts`). */
declare module '*.hbs' {
  const template: TemplateSpecification;
  export default template;
}
