using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Docs;

/// <summary>A fenced block of a document; the name says where it is.</summary>
public sealed record PublishedBlock(string Name, string Language, string Text)
{
    public override string ToString() => Name;
}

/// <summary>A table of a document: header cells, then rows of cells.</summary>
internal sealed record PublishedTable(string Name, IReadOnlyList<string> Header, IReadOnlyList<IReadOnlyList<string>> Rows);

/// <summary>What users read: the documents as they are copied to the output, taken apart into blocks and tables.</summary>
internal static class PublishedText
{
    public const string Readme = "README.md";
    public const string Settings = "settings.md";
    public const string Sample = "nlog.config.sample";

    public static IReadOnlyList<string> Documents { get; } =
        [.. Directory.GetFiles(Folder, "*.md").Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];

    private static string Folder => Path.Combine(AppContext.BaseDirectory, "Published");

    public static string Read(string document) => File.ReadAllText(Path.Combine(Folder, document));

    public static IReadOnlyList<PublishedBlock> Blocks(string document)
    {
        var blocks = new List<PublishedBlock>();
        var lines = Lines(document);
        for (var i = 0; i < lines.Length; i++)
        {
            if (!lines[i].StartsWith("```", StringComparison.Ordinal))
                continue;
            var end = Array.IndexOf(lines, "```", i + 1);
            Assert.That(end, Is.Positive, $"{document}: the block of line {i + 1} has no end");
            blocks.Add(new PublishedBlock($"{document} line {i + 1}", lines[i][3..].Trim(), string.Join("\n", lines[(i + 1)..end])));
            i = end;
        }

        return blocks;
    }

    /// <summary>The tables whose header begins with these cells.</summary>
    public static IReadOnlyList<PublishedTable> Tables(string document, params string[] header)
    {
        var tables = new List<PublishedTable>();
        var lines = Lines(document);
        for (var i = 1; i < lines.Length; i++)
        {
            if (!lines[i].StartsWith("|---", StringComparison.Ordinal))
                continue;
            var cells = Cells(lines[i - 1]);
            if (!cells.Take(header.Length).SequenceEqual(header))
                continue;
            var rows = lines.Skip(i + 1).TakeWhile(line => line.StartsWith('|')).Select(Cells).ToList();
            tables.Add(new PublishedTable($"{document} line {i}", cells, rows));
        }

        Assert.That(tables, Is.Not.Empty, $"{document} has no table | {string.Join(" | ", header)} |");
        return tables;
    }

    /// <summary>The first column of such tables, without the code marks.</summary>
    public static IReadOnlyList<string> FirstColumn(string document, params string[] header) =>
        [.. Tables(document, header).SelectMany(table => table.Rows).Select(row => row[0].Trim('`'))];

    private static string[] Lines(string document) => Read(document).ReplaceLineEndings("\n").Split('\n');

    private static IReadOnlyList<string> Cells(string row) => [.. row.Trim().Trim('|').Split('|').Select(cell => cell.Trim())];
}
