/** A plain YAML value. Integers are `bigint` so that large ones keep every digit. */
export type YamlPlain = string | number | bigint | boolean | null;

export interface YamlScalar {
  readonly kind: 'SCALAR';
  readonly line: number;
  readonly value: YamlPlain;
}
export interface YamlList {
  readonly kind: 'LIST';
  readonly line: number;
  readonly items: readonly YamlNode[];
}
export interface YamlEntry {
  readonly key: string;
  readonly line: number;
  readonly value: YamlNode;
}
export interface YamlMap {
  readonly kind: 'MAP';
  readonly line: number;
  readonly entries: readonly YamlEntry[];
}
/** A YAML value that knows its line; aliases are resolved, keys are text and unique. */
export type YamlNode = YamlScalar | YamlList | YamlMap;
