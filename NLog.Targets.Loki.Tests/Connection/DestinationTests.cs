using System;
using System.Collections.Generic;
using NLog.Targets.Loki.Connection;
using NLog.Targets.Loki.Integration;
using NUnit.Framework;

namespace NLog.Targets.Loki.Tests.Connection;

/// <summary>Which settings make another destination, and that none shows a secret.</summary>
public sealed class DestinationTests
{
    private const string Variable = "LOKI_TESTS_DESTINATION";

    private static readonly Dictionary<string, Action<LokiTarget>> s_settings = new()
    {
        ["nothing"] = _ => { },
        ["user one"] = target => (target.Username, target.Password) = ("one", "canary"),
        ["user one in the endpoint"] = target => target.Endpoint = "http://one:canary@loki:3100",
        ["user one, new password"] = target => (target.Username, target.Password) = ("one", "other canary"),
        ["user One"] = target => (target.Username, target.Password) = ("One", "canary"),
        ["user two"] = target => (target.Username, target.Password) = ("two", "canary"),
        ["user of the environment"] = target => (target.Username, target.Password) = ($"${{environment:{Variable}}}", "canary"),
        ["user not set"] = target => (target.Username, target.Password) = ($"${{environment:{Variable}_NOT_SET}}", "canary"),
        ["user who reads like a token"] = target => target.Username = "authorization #",
        ["token canary"] = target => target.BearerToken = "canary",
        ["token canary2"] = target => target.BearerToken = "canary2",
        ["token of the environment"] = target => target.BearerToken = $"${{environment:{Variable}}}",
        ["token not set"] = target => target.BearerToken = $"${{environment:{Variable}_NOT_SET}}",
        ["key canary"] = target => target.Headers.Add(new LokiHeader { Name = "X-Key", Layout = "canary" }),
        ["key canary, another case"] = target => target.Headers.Add(new LokiHeader { Name = "x-key", Layout = "canary" }),
        ["key canary2"] = target => target.Headers.Add(new LokiHeader { Name = "X-Key", Layout = "canary2" }),
        ["other key canary"] = target => target.Headers.Add(new LokiHeader { Name = "X-Other", Layout = "canary" }),
        ["user one with a key"] = target =>
        {
            (target.Username, target.Password) = ("one", "canary");
            target.Headers.Add(new LokiHeader { Name = "X-Key", Layout = "canary" });
        },
        ["tenant shop"] = target => target.Tenant = "shop",
        ["tenant bank"] = target => target.Tenant = "bank",
        ["the full URL"] = target => target.Endpoint = "http://LOKI:3100/loki/api/v1/push",
        ["https"] = target => target.Endpoint = "https://loki:3100",
        ["a prefix"] = target => target.Endpoint = "http://loki:3100/prefix",
        ["another host"] = target => target.Endpoint = "http://loki2:3100",
        ["a proxy"] = target => (target.ProxyUrl, target.ProxyUser, target.ProxyPassword) = ("http://proxy:1", "joe", "canary"),
        ["other sizes and times"] = target => (target.BatchSize, target.RequestTimeoutSeconds, target.Format) = (7, 3, LokiFormat.Protobuf),
    };

    // Whatever is not in one line here is a destination of its own.
    private static readonly string[][] s_same =
    [
        ["nothing", "the full URL", "a proxy", "other sizes and times", "token not set", "user not set"],
        ["user one", "user one in the endpoint", "user one, new password", "user of the environment"],
        ["key canary", "key canary, another case"],
    ];

    [SetUp]
    public void SetVariable() => Environment.SetEnvironmentVariable(Variable, "one");

    [TearDown]
    public void ForgetVariable() => Environment.SetEnvironmentVariable(Variable, null);

    [Test]
    public void Endpoint_user_and_tenant_tell_destinations_apart_and_nothing_else_does()
    {
        using (Assert.EnterMultipleScope())
        {
            foreach (var a in s_settings.Keys)
            {
                foreach (var b in s_settings.Keys)
                {
                    var areSame = a == b || Array.Exists(s_same, same => Array.IndexOf(same, a) >= 0 && Array.IndexOf(same, b) >= 0);
                    Assert.That(Of(a) == Of(b), Is.EqualTo(areSame), $"{a}, {b}");
                    Assert.That(!areSame || Of(a).GetHashCode() == Of(b).GetHashCode(), $"{a}, {b}");
                }
            }
        }
    }

    [Test]
    public void A_destination_names_no_secret()
    {
        foreach (var settings in s_settings.Keys)
            Assert.That(Of(settings).ToString(), Does.Not.Contain("canary"), settings);
    }

    [Test]
    public void A_token_that_is_renewed_in_the_environment_leaves_the_destination_as_it_is()
    {
        var before = Of("token of the environment");
        Environment.SetEnvironmentVariable(Variable, "two");
        Assert.That(Of("token of the environment"), Is.EqualTo(before));
    }

    [Test]
    public void A_user_of_another_name_in_the_environment_is_another_destination()
    {
        var before = Of("user of the environment");
        Environment.SetEnvironmentVariable(Variable, "two");
        Assert.That(Of("user of the environment"), Is.EqualTo(Of("user two")).And.Not.EqualTo(before));
    }

    [Test]
    public void The_token_of_LOKI_TOKEN_is_the_one_that_a_setting_names_so()
    {
        using var plain = new LokiTarget { Endpoint = "http://loki:3100" };
        var set = Destination.Of(new OptionsReader(plain, name => name == "LOKI_TOKEN" ? "canary" : null).Read(false).Push);
        var renewed = Destination.Of(new OptionsReader(plain, name => name == "LOKI_TOKEN" ? "canary2" : null).Read(false).Push);
        Assert.That(set, Is.EqualTo(renewed).And.Not.EqualTo(Of("nothing")));
    }

    private static Destination Of(string settings)
    {
        using var target = new LokiTarget { Endpoint = "http://loki:3100" };
        s_settings[settings](target);
        return Destination.Of(new OptionsReader(target, _ => null).Read(false).Push);
    }
}
