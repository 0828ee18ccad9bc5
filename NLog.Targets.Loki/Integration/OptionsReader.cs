using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using NLog.Layouts;
using NLog.Targets.Loki.Contract;
using NLog.Targets.Loki.Encoding;
using NLog.Targets.Loki.Rendering;
using NLog.Targets.Wrappers;

namespace NLog.Targets.Loki.Integration;

/// <summary>Reads the settings of a target into its options, and lists everything that is wrong with them.</summary>
internal sealed class OptionsReader
{
    private readonly LokiTarget _target;
    private readonly Func<string, string?> _environment;
    private readonly List<string> _problems = new();

    public OptionsReader(LokiTarget target, Func<string, string?> environment)
    {
        _target = target;
        _environment = environment;
    }

    public LokiOptions Read(bool isWrapped)
    {
        var enabled = _target.Enabled ?? ReadEnabledVariable();
        if (!enabled)
            return new LokiOptions { Enabled = false };

        var push = ReadPush();
        if (_target.OverflowAction == AsyncTargetWrapperOverflowAction.Block && isWrapped)
            Problem("overflowAction", "Block inside a wrapper target deadlocks NLog; take the wrapper away, or write Discard");
        var options = new LokiOptions
        {
            Push = push,
            Batch = ReadBatch(),
            Retry = ReadRetry(),
            Format = ReadFormat(),
            Labels = ReadLabels(),
            LevelAs = _target.LevelAs,
            IncludeTraceContext = _target.IncludeTraceContext,
            IncludeEventProperties = _target.IncludeEventProperties && !_target.EventPropertiesAsLabels,
            EventPropertiesAsLabels = _target.EventPropertiesAsLabels,
            LabelPropertyPrefix = _target.LabelPropertyPrefix ?? "",
            DefaultMetadata = _target.DefaultMetadata,
            MaxPropertyBytes = Range("maxPropertyBytes", _target.MaxPropertyBytes, 1, 65_536),
            MaxLineBytes = Range("maxLineBytes", _target.MaxLineBytes, 1, 3_145_728),
            LineOverflow = _target.LineOverflow,
            FlushTimeout = TimeSpan.FromSeconds(Range("flushTimeoutSeconds", _target.FlushTimeoutSeconds, 1, 3600)),
            CloseTimeout = TimeSpan.FromSeconds(Range("closeTimeoutSeconds", _target.CloseTimeoutSeconds, 1, 3600)),
        };
        Range("queueLimit", _target.QueueLimit, 1, int.MaxValue);
        foreach (var property in _target.ContextProperties.Where(property => string.IsNullOrEmpty(property?.Name)))
            Problem("contextproperty", "has no name; write <contextproperty name=\"...\" layout=\"...\" />");
        if (_problems.Count > 0)
        {
            throw new NLogConfigurationException(
                $"{_target}: {_problems.Count} problem(s) in the configuration of the Loki target: " + string.Join("; ", _problems) + ".");
        }

        return options;
    }

    private bool ReadEnabledVariable()
    {
        var text = _environment("LOKI_ENABLED");
        if (string.IsNullOrEmpty(text) || text == "1")
            return true;
        if (text == "0")
            return false;
        if (!bool.TryParse(text, out var enabled))
        {
            Problem("LOKI_ENABLED", "write true or false");
            return true;
        }

        return enabled;
    }

    private PushOptions ReadPush()
    {
        var endpoint = ReadEndpoint(out var userInfo);
        var reader = new HeaderReader(_target, _environment, Problem, userInfo);
        var headers = reader.Read();
        var requestSeconds = _target.TaskTimeoutSeconds != 0
            ? Math.Min(30, Range("taskTimeoutSeconds", _target.TaskTimeoutSeconds, 1, int.MaxValue))
            : Range("requestTimeoutSeconds", _target.RequestTimeoutSeconds, 1, 300);
        return new PushOptions
        {
            Endpoint = endpoint,
            Tenant = ReadTenant(),
            User = reader.User.ToString,
            RenderHeaders = headers,
            Proxy = ReadProxy(),
            RequestTimeout = TimeSpan.FromSeconds(requestSeconds),
            ConnectTimeout = TimeSpan.FromSeconds(Range("connectTimeoutSeconds", _target.ConnectTimeoutSeconds, 1, 300)),
        };
    }

    private Uri ReadEndpoint(out string userInfo)
    {
        userInfo = "";
        var fallback = new PushOptions().Endpoint;
        var fromVariable = string.IsNullOrEmpty(_target.Endpoint);
        var name = fromVariable ? "endpoint (LOKI_URL)" : "endpoint";
        var text = fromVariable ? _environment("LOKI_URL") : Process(name, _target.Endpoint);
        if (string.IsNullOrEmpty(text))
        {
            // A layout that renders to nothing is a missing variable, not a wish for localhost.
            if (!fromVariable && !_problems.Any(problem => problem.StartsWith("endpoint", StringComparison.Ordinal)))
                Problem(name, "renders to nothing; write a URL such as http://localhost:3100");
            return fallback;
        }

        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") || url.Host.Length == 0)
        {
            // The value is not repeated: it may hold a password.
            Problem(name, "is not an absolute http or https URL; write one such as http://localhost:3100");
            return fallback;
        }

        if (url.Query.Length > 0 || url.Fragment.Length > 0)
            Problem(name, "has a query or fragment; write the URL without it");
        userInfo = url.UserInfo;
        var path = url.AbsolutePath.TrimEnd('/');
        if (!path.EndsWith("/loki/api/v1/push", StringComparison.Ordinal))
            path += "/loki/api/v1/push";
        return new UriBuilder(url) { Path = path, UserName = "", Password = "" }.Uri;
    }

    private string ReadTenant()
    {
        var tenant = string.IsNullOrEmpty(_target.Tenant) ? _environment("LOKI_TENANT") : Process("tenant", _target.Tenant);
        if (string.IsNullOrEmpty(tenant))
            return "";
        // dskit's rule (tenant/resolver.go); '|' would mean several tenants, which a push may not name.
        if (tenant!.Length > 150 || tenant is "." or ".." || tenant.Any(c => !IsTenantCharacter(c)))
            Problem("tenant", "is not a tenant id; write 1 to 150 of the characters a-z A-Z 0-9 ! - _ . * ' ( )");
        return tenant;
    }

    private static bool IsTenantCharacter(char c) =>
        c is >= 'a' and <= 'z' or >= 'A' and <= 'Z' or >= '0' and <= '9' || "!-_.*'()".IndexOf(c) >= 0;

    private IWebProxy? ReadProxy()
    {
        var user = Process("proxyUser", _target.ProxyUser);
        var password = Process("proxyPassword", _target.ProxyPassword);
        var text = Process("proxyUrl", _target.ProxyUrl);
        if (string.IsNullOrEmpty(text))
        {
            if (!string.IsNullOrEmpty(user))
                Problem("proxyUser", "has no proxy; write proxyUrl as well");
            return null;
        }

        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
        {
            Problem("proxyUrl", "is not an absolute http or https URL; write one such as http://proxy:8888");
            return null;
        }

        var proxy = new WebProxy(url);
        if (!string.IsNullOrEmpty(user))
            proxy.Credentials = new NetworkCredential(user, password);
        return proxy;
    }

    private BatchOptions ReadBatch() => new()
    {
        MaxEntries = Range("batchSize", _target.BatchSize, 1, 1_000_000),
        // Four batches at least have room: with fewer, one that waits for its answer would leave hardly any to those that come.
        MaxBodyBytes = (int)Math.Min(Range("maxBatchBytes", _target.MaxBatchBytes, 4096, 3_145_728), Math.Max(4096, _target.BufferLimitBytes / 4)),
        Linger = TimeSpan.FromMilliseconds(Range("taskDelayMilliseconds", _target.TaskDelayMilliseconds, 1, 600_000)),
        BufferLimitBytes = Range("bufferLimitBytes", _target.BufferLimitBytes, 65_536, long.MaxValue),
        BlockWhenFull = _target.OverflowAction == AsyncTargetWrapperOverflowAction.Block,
        MaxInFlight = Range("maxInFlight", _target.MaxInFlight, 1, 32),
        Compression = _target.CompressionLevel,
    };

    private PushFormat ReadFormat()
    {
        // NLog takes any number for an enum.
        if (_target.Format is not (LokiFormat.Json or LokiFormat.Protobuf))
            Problem("format", FormattableString.Invariant($"is {(int)_target.Format}; write Json or Protobuf"));
        return _target.Format == LokiFormat.Protobuf ? PushFormat.Protobuf : PushFormat.Json;
    }

    private RetryOptions ReadRetry()
    {
        var delay = Range("retryDelayMilliseconds", _target.RetryDelayMilliseconds, 1, 3_600_000);
        var maxDelay = Range("retryMaxDelayMilliseconds", _target.RetryMaxDelayMilliseconds, 1, 86_400_000);
        return new RetryOptions
        {
            Delay = TimeSpan.FromMilliseconds(delay),
            MaxDelay = TimeSpan.FromMilliseconds(Math.Max(delay, maxDelay)),
            Count = Range("retryCount", _target.RetryCount, 0, int.MaxValue),
            BreakerThreshold = Range("circuitBreakerThreshold", _target.CircuitBreakerThreshold, 1, int.MaxValue),
            BreakerReset = TimeSpan.FromSeconds(Range("circuitBreakerResetSeconds", _target.CircuitBreakerResetSeconds, 1, 86_400)),
        };
    }

    private List<KeyValuePair<string, Layout>> ReadLabels()
    {
        var labels = new List<KeyValuePair<string, Layout>>();
        var written = new Dictionary<string, string>(StringComparer.Ordinal);
        var defaults = new HashSet<string>(StringComparer.Ordinal) { "service_name", "job", "environment", "instance", "level" };
        foreach (var label in _target.Labels)
        {
            if (label is null || string.IsNullOrWhiteSpace(label.Name))
            {
                Problem("label", "has no name; write <label name=\"...\" layout=\"...\" />");
                continue;
            }

            var name = LokiName.Label(label.Name.Trim());
            if (written.TryGetValue(name, out var earlier))
            {
                Problem("label", $"'{earlier}' and '{label.Name}' are both '{name}' to Loki; write names that differ in letters, digits or underscores");
                continue;
            }

            written.Add(name, label.Name);
            var isEmpty = Layout.IsNullOrEmpty(label.Layout) || label.Layout is SimpleLayout { Text: "" };
            // XML's <label name="x">text</label> fills neither, and NLog says nothing.
            if (isEmpty && !(defaults.Contains(name) && label.Layout is not null))
                Problem("label", $"'{label.Name}' has no layout; write <label name=\"{label.Name}\" layout=\"...\" />");
            else if (!isEmpty)
                labels.Add(new KeyValuePair<string, Layout>(name, label.Layout!));
        }

        if (_target.DefaultLabels)
            labels.AddRange(DefaultLabels.For(written.Keys, _environment).Where(label => !Layout.IsNullOrEmpty(label.Value)));
        if (_target.DefaultLabels && _target.LevelAs == LokiLevelPlacement.Label && !written.ContainsKey("level"))
            labels.Add(new KeyValuePair<string, Layout>("level", new LevelLayout()));
        return labels;
    }

    private string? Process(string name, string? text)
    {
        var setting = SettingText.Parse(text, out var problem);
        if (problem is not null)
            Problem(name, problem);
        return setting?.Render();
    }

    private int Range(string name, int value, int least, int most) => (int)Range(name, (long)value, least, most);

    private long Range(string name, long value, long least, long most)
    {
        if (value >= least && value <= most)
            return value;
        Problem(name, most is int.MaxValue or long.MaxValue
            ? FormattableString.Invariant($"is {value}; write {least} or more")
            : FormattableString.Invariant($"is {value}; write a number from {least} to {most}"));
        return least;
    }

    private void Problem(string setting, string text) => _problems.Add(setting + " " + text);
}
