// An interpreter of JSON Schema draft-07 with the verdicts of the intake: ajv 6 with its fast
// formats and `useDefaults`. No code is made from schemas, so a strict policy allows it.
"use strict";
const SchemaValidator = (() => {
  const own = (value, key) => Object.prototype.hasOwnProperty.call(value, key);
  const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
  const isNumber = (value) => typeof value === "number";
  const escape = (token) => String(token).replace(/~/g, "~0").replace(/\//g, "~1");
  const length = (text) => { let count = 0; for (const _ of text) count += 1; return count; };

  class UnusableSchema extends Error {}

  function equal(a, b) {
    if (a === b) return true;
    if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((one, i) => equal(one, b[i]));
    if (!isObject(a) || !isObject(b)) return false;
    const keys = Object.keys(a);
    return keys.length === Object.keys(b).length && keys.every((key) => own(b, key) && equal(a[key], b[key]));
  }

  const TYPES = {
    null: (value) => value === null,
    boolean: (value) => typeof value === "boolean",
    string: (value) => typeof value === "string",
    number: isNumber,
    integer: (value) => isNumber(value) && value % 1 === 0,
    array: Array.isArray,
    object: isObject,
  };
  const patterns = new Map();
  function regex(pattern) {
    if (!patterns.has(pattern)) {
      try { patterns.set(pattern, new RegExp(pattern)); } catch { throw new UnusableSchema(`not a regular expression: ${pattern}`); }
    }
    return patterns.get(pattern);
  }

  class Run {
    constructor(root, formats, documents) {
      Object.assign(this, { root, formats, documents, depth: 0 });
    }

    // Returns the document that a reference leads into, and what it points to there.
    resolve(reference) {
      const [url, pointer = ""] = reference.split("#");
      if (url !== "" && !own(this.documents, url)) throw new UnusableSchema(`nothing found for $ref ${reference}`);
      const root = url === "" ? this.root : this.documents[url];
      let place = root;
      for (const token of decodeURIComponent(pointer).split("/").slice(1)) {
        const key = token.replace(/~1/g, "/").replace(/~0/g, "~");
        if (typeof place !== "object" || place === null || !own(place, key)) throw new UnusableSchema(`nothing found for $ref ${reference}`);
        place = place[key];
      }
      return [root, place];
    }

    valid(schema, value) {
      const found = [];
      this.check(schema, value, "", found, false);
      return found.length === 0;
    }

    // Adds what is wrong to `found`; fills defaults in where `fill` says so.
    check(schema, value, path, found, fill) {
      if (schema === true || schema === undefined) return;
      if (schema === false) { found.push({ path, message: "nothing is allowed here" }); return; }
      if (!isObject(schema)) return;
      if (typeof schema.$ref === "string") {
        if ((this.depth += 1) > 500) throw new UnusableSchema("references without end");
        const here = this.root;
        const [root, part] = this.resolve(schema.$ref);
        this.root = root;
        this.check(part, value, path, found, fill);
        this.root = here;
        this.depth -= 1;
        return;
      }
      const say = (message, at = path) => found.push({ path: at, message });
      this.any(schema, value, path, say);
      if (isNumber(value)) this.number(schema, value, say);
      else if (typeof value === "string") this.string(schema, value, say);
      else if (Array.isArray(value)) this.list(schema, value, path, found, fill, say);
      else if (isObject(value)) this.object(schema, value, path, found, fill, say);
      this.combined(schema, value, path, found, fill, say);
    }

    any(schema, value, path, say) {
      if (schema.type !== undefined) {
        const types = [].concat(schema.type);
        if (!types.some((type) => own(TYPES, type) && TYPES[type](value))) say(`should be ${types.join(" or ")}`);
      }
      if (Array.isArray(schema.enum) && !schema.enum.some((one) => equal(one, value))) {
        say(`should be one of ${schema.enum.map((one) => JSON.stringify(one)).join(", ")}`);
      }
      if (own(schema, "const") && !equal(schema.const, value)) say(`should be ${JSON.stringify(schema.const)}`);
    }

    number(schema, value, say) {
      // draft-04 had true where draft-07 has the number
      const above = schema.exclusiveMinimum === true ? schema.minimum : schema.exclusiveMinimum;
      const below = schema.exclusiveMaximum === true ? schema.maximum : schema.exclusiveMaximum;
      if (isNumber(schema.minimum) && value < schema.minimum) say(`should be at least ${schema.minimum}`);
      if (isNumber(schema.maximum) && value > schema.maximum) say(`should be at most ${schema.maximum}`);
      if (isNumber(above) && value <= above) say(`should be more than ${above}`);
      if (isNumber(below) && value >= below) say(`should be less than ${below}`);
      if (isNumber(schema.multipleOf)) {
        const parts = value / schema.multipleOf;
        if (parts !== parseInt(parts, 10)) say(`should be a multiple of ${schema.multipleOf}`);
      }
    }

    string(schema, value, say) {
      if (isNumber(schema.minLength) && length(value) < schema.minLength) say(`should have at least ${schema.minLength} characters`);
      if (isNumber(schema.maxLength) && length(value) > schema.maxLength) say(`should have at most ${schema.maxLength} characters`);
      if (typeof schema.pattern === "string" && !regex(schema.pattern).test(value)) say(`should match ${schema.pattern}`);
      if (typeof schema.format === "string") {
        if (!own(this.formats, schema.format)) throw new UnusableSchema(`unknown format ${schema.format}`);
        if (!this.formats[schema.format](value)) say(`should be a ${schema.format}`);
      }
    }

    list(schema, value, path, found, fill, say) {
      const { items } = schema;
      if (Array.isArray(items)) {
        items.forEach((part, index) => {
          if (fill && isObject(part) && own(part, "default") && index >= value.length) {
            while (value.length < index) value.push(null);
            value.push(structuredClone(part.default));
          }
        });
      }
      if (isNumber(schema.minItems) && value.length < schema.minItems) say(`should have at least ${schema.minItems} items`);
      if (isNumber(schema.maxItems) && value.length > schema.maxItems) say(`should have at most ${schema.maxItems} items`);
      if (schema.uniqueItems === true && value.some((one, i) => value.slice(0, i).some((other) => equal(one, other)))) say("should have no item twice");
      if (own(schema, "contains") && !value.some((item) => this.valid(schema.contains, item))) say("should have an item as `contains` says");
      if (items === undefined) return;
      value.forEach((item, index) => {
        const part = Array.isArray(items) ? (index < items.length ? items[index] : schema.additionalItems) : items;
        this.check(part, item, `${path}/${index}`, found, fill);
      });
    }

    object(schema, value, path, found, fill, say) {
      const properties = isObject(schema.properties) ? schema.properties : {};
      if (fill) {
        for (const [name, part] of Object.entries(properties)) {
          if (isObject(part) && own(part, "default") && !own(value, name)) {
            Object.defineProperty(value, name, { value: structuredClone(part.default), enumerable: true, configurable: true, writable: true });
          }
        }
      }
      for (const name of Array.isArray(schema.required) ? schema.required : []) {
        if (!own(value, name)) say(`should have the field ${name}`);
      }
      const names = Object.keys(value);
      if (isNumber(schema.minProperties) && names.length < schema.minProperties) say(`should have at least ${schema.minProperties} fields`);
      if (isNumber(schema.maxProperties) && names.length > schema.maxProperties) say(`should have at most ${schema.maxProperties} fields`);
      const named = isObject(schema.patternProperties) ? Object.entries(schema.patternProperties) : [];
      for (const name of names) {
        const at = `${path}/${escape(name)}`;
        if (own(schema, "propertyNames") && !this.valid(schema.propertyNames, name)) say(`the name ${name} is not allowed`);
        let known = own(properties, name);
        if (known) this.check(properties[name], value[name], at, found, fill);
        for (const [pattern, part] of named) {
          if (regex(pattern).test(name)) { known = true; this.check(part, value[name], at, found, fill); }
        }
        if (known) continue;
        if (schema.additionalProperties === false) say(`should not have the field ${name}`, at);
        else this.check(schema.additionalProperties, value[name], at, found, fill);
      }
      for (const [name, wanted] of Object.entries(isObject(schema.dependencies) ? schema.dependencies : {})) {
        if (!own(value, name)) continue;
        if (!Array.isArray(wanted)) this.check(wanted, value, path, found, fill);
        else for (const other of wanted) if (!own(value, other)) say(`should have the field ${other}, as it has ${name}`);
      }
    }

    combined(schema, value, path, found, fill, say) {
      for (const part of Array.isArray(schema.allOf) ? schema.allOf : []) this.check(part, value, path, found, fill);
      if (Array.isArray(schema.anyOf) && !schema.anyOf.some((part) => this.valid(part, value))) say("should match one of several schemas");
      if (Array.isArray(schema.oneOf)) {
        const count = schema.oneOf.filter((part) => this.valid(part, value)).length;
        if (count !== 1) say(`should match exactly one of several schemas, and matches ${count}`);
      }
      if (own(schema, "not") && this.valid(schema.not, value)) say("should not match the schema of `not`");
      if (own(schema, "if")) {
        const branch = this.valid(schema.if, value) ? "then" : "else";
        if (own(schema, branch)) this.check(schema[branch], value, path, found, fill);
      }
    }
  }

  // Returns what is wrong with a value, whose defaults are filled in, in place.
  // `documents` are those that its references lead to, by the URL in them.
  function problems(schema, value, formats, documents = {}) {
    const found = [];
    new Run(schema, formats, documents).check(schema, value, "", found, true);
    return found;
  }
  return { problems, UnusableSchema };
})();
