// The service of the gRPC example, as protoc-gen-es would generate it from
//
//   syntax = "proto3";
//   package example;
//   import "google/protobuf/wrappers.proto";
//   service Greeter {
//     rpc Greet (google.protobuf.StringValue) returns (google.protobuf.StringValue);
//     rpc Count (google.protobuf.Int32Value) returns (stream google.protobuf.Int32Value);
//   }
//
// A real project has that in a .proto file; here it is described by hand to do without the compiler.

import { create, toBinary } from '@bufbuild/protobuf';
import { fileDesc, type GenService, serviceDesc } from '@bufbuild/protobuf/codegenv2';
import { base64Encode } from '@bufbuild/protobuf/wire';
import {
  FileDescriptorProtoSchema,
  file_google_protobuf_wrappers,
  type Int32ValueSchema,
  type StringValueSchema,
} from '@bufbuild/protobuf/wkt';

const TEXT = '.google.protobuf.StringValue';
const NUMBER = '.google.protobuf.Int32Value';

const description = create(FileDescriptorProtoSchema, {
  name: 'example.proto',
  package: 'example',
  syntax: 'proto3',
  dependency: ['google/protobuf/wrappers.proto'],
  service: [
    {
      name: 'Greeter',
      method: [
        { name: 'Greet', inputType: TEXT, outputType: TEXT },
        { name: 'Count', inputType: NUMBER, outputType: NUMBER, serverStreaming: true },
      ],
    },
  ],
});

const file = fileDesc(base64Encode(toBinary(FileDescriptorProtoSchema, description)), [file_google_protobuf_wrappers]);

export const Greeter: GenService<{
  greet: { methodKind: 'unary'; input: typeof StringValueSchema; output: typeof StringValueSchema };
  count: { methodKind: 'server_streaming'; input: typeof Int32ValueSchema; output: typeof Int32ValueSchema };
}> = serviceDesc(file, 0);
