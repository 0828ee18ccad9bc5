using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace NLog.Targets.Loki.Tests.House;

/// <summary>Reads from an assembly which of its types use which other types of it: in signatures, fields, bases, locals and method bodies.</summary>
internal sealed class RoomArrows
{
    private readonly MetadataReader _metadata;
    private readonly PEReader _file;
    private readonly HashSet<(string From, string To)> _uses = [];

    public RoomArrows(string assemblyPath)
    {
        _file = new PEReader(new MemoryStream(File.ReadAllBytes(assemblyPath)));
        _metadata = _file.GetMetadataReader();
        foreach (var handle in _metadata.TypeDefinitions)
            ReadType(handle);
    }

    /// <summary>Full names of outermost types; a type that a compiler made counts as the type that it is nested in.</summary>
    public IEnumerable<(string From, string To)> Uses => _uses;

    private void ReadType(TypeDefinitionHandle handle)
    {
        var type = _metadata.GetTypeDefinition(handle);
        var from = Outermost(handle);
        Add(from, type.BaseType);
        foreach (var implemented in type.GetInterfaceImplementations())
            Add(from, _metadata.GetInterfaceImplementation(implemented).Interface);
        foreach (var field in type.GetFields())
            AddBlob(from, _metadata.GetFieldDefinition(field).Signature);
        foreach (var attribute in type.GetCustomAttributes())
            AddToken(from, MetadataTokens.GetToken(_metadata.GetCustomAttribute(attribute).Constructor));
        foreach (var methodHandle in type.GetMethods())
        {
            var method = _metadata.GetMethodDefinition(methodHandle);
            AddBlob(from, method.Signature);
            if (method.RelativeVirtualAddress == 0)
                continue;
            var body = _file.GetMethodBody(method.RelativeVirtualAddress);
            if (!body.LocalSignature.IsNil)
                AddBlob(from, _metadata.GetStandaloneSignature(body.LocalSignature).Signature);
            foreach (var token in Instructions.Tokens(body.GetILBytes()!))
                AddToken(from, token);
            foreach (var region in body.ExceptionRegions.Where(region => region.Kind == ExceptionRegionKind.Catch))
                Add(from, region.CatchType);
        }
    }

    private void AddToken(string from, int token)
    {
        var handle = MetadataTokens.EntityHandle(token);
        switch (handle.Kind)
        {
            case HandleKind.TypeDefinition or HandleKind.TypeSpecification:
                Add(from, handle);
                break;
            case HandleKind.MethodDefinition:
                var method = _metadata.GetMethodDefinition((MethodDefinitionHandle)handle);
                Add(from, method.GetDeclaringType());
                AddBlob(from, method.Signature);
                break;
            case HandleKind.FieldDefinition:
                var field = _metadata.GetFieldDefinition((FieldDefinitionHandle)handle);
                Add(from, field.GetDeclaringType());
                AddBlob(from, field.Signature);
                break;
            case HandleKind.MemberReference:
                var member = _metadata.GetMemberReference((MemberReferenceHandle)handle);
                Add(from, member.Parent);
                AddBlob(from, member.Signature);
                break;
            case HandleKind.MethodSpecification:
                var generic = _metadata.GetMethodSpecification((MethodSpecificationHandle)handle);
                AddToken(from, MetadataTokens.GetToken(generic.Method));
                AddBlob(from, generic.Signature);
                break;
        }
    }

    private void Add(string from, EntityHandle to)
    {
        if (to.IsNil)
            return;
        if (to.Kind == HandleKind.TypeDefinition)
            _uses.Add((from, Outermost((TypeDefinitionHandle)to)));
        else if (to.Kind == HandleKind.TypeSpecification)
            AddSpecification(from, (TypeSpecificationHandle)to);
    }

    // The signature of a type alone has no header.
    private void AddSpecification(string from, TypeSpecificationHandle handle)
    {
        var reader = _metadata.GetBlobReader(_metadata.GetTypeSpecification(handle).Signature);
        Decoder(from).DecodeType(ref reader);
    }

    private SignatureDecoder<object?, object?> Decoder(string from) => new(new TypeNames(this, from), _metadata, null);

    private void AddBlob(string from, BlobHandle blob)
    {
        var reader = _metadata.GetBlobReader(blob);
        var decoder = Decoder(from);
        var kind = reader.ReadSignatureHeader();
        reader.Reset();
        switch (kind.Kind)
        {
            case SignatureKind.Field:
                decoder.DecodeFieldSignature(ref reader);
                break;
            case SignatureKind.Method or SignatureKind.Property:
                decoder.DecodeMethodSignature(ref reader);
                break;
            case SignatureKind.LocalVariables:
                decoder.DecodeLocalSignature(ref reader);
                break;
            case SignatureKind.MethodSpecification:
                decoder.DecodeMethodSpecificationSignature(ref reader);
                break;
            default:
                throw new BadImageFormatException($"a signature of the kind {kind.Kind}");
        }
    }

    private string Outermost(TypeDefinitionHandle handle)
    {
        var type = _metadata.GetTypeDefinition(handle);
        while (!type.GetDeclaringType().IsNil)
            type = _metadata.GetTypeDefinition(type.GetDeclaringType());
        var space = _metadata.GetString(type.Namespace);
        return (space.Length > 0 ? space + "." : "") + _metadata.GetString(type.Name);
    }

    private sealed class TypeNames(RoomArrows arrows, string from) : ISignatureTypeProvider<object?, object?>
    {
        public object? GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind)
        {
            arrows._uses.Add((from, arrows.Outermost(handle)));
            return null;
        }

        public object? GetTypeFromSpecification(MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind)
        {
            arrows.AddSpecification(from, handle);
            return null;
        }

        public object? GetArrayType(object? elementType, ArrayShape shape) => null;

        public object? GetByReferenceType(object? elementType) => null;

        public object? GetFunctionPointerType(MethodSignature<object?> signature) => null;

        public object? GetGenericInstantiation(object? genericType, System.Collections.Immutable.ImmutableArray<object?> typeArguments) => null;

        public object? GetGenericMethodParameter(object? genericContext, int index) => null;

        public object? GetGenericTypeParameter(object? genericContext, int index) => null;

        public object? GetModifiedType(object? modifier, object? unmodifiedType, bool isRequired) => null;

        public object? GetPinnedType(object? elementType) => null;

        public object? GetPointerType(object? elementType) => null;

        public object? GetPrimitiveType(PrimitiveTypeCode typeCode) => null;

        public object? GetSZArrayType(object? elementType) => null;

        public object? GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind) => null;
    }
}
